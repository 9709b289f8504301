/**
 * Glob patterns, as in a .gitignore file: `*`, `?`, `[a-z]`, `[!a-z]`, `**` for any number of folders, and `\` before a
 * character that means itself. Names are hostile: the time is at most the length of the pattern times that of the path.
 * Pure.
 */

/**
 * Whether a path, relative and with `/` between its parts, matches. A pattern without a `/` is compared with the last
 * part alone, and one with a `/` with the whole path. A `/` at its start or end changes nothing else.
 */
export function globMatcher(pattern: string): (path: string) => boolean {
  const anchored = pattern.replace(/^(?:\.\/)+/, "").replace(/\/+$/, "");
  const parts = anchored
    .replace(/^\/+/, "")
    .split(/\/+/)
    .map((part) => (part === "**" ? STAR : tokensOf(part)));
  const whole = anchored.includes("/");
  return (path) => {
    const names = path.split("/");
    return matches(parts, whole ? names : names.slice(-1), (part, name) => matches(part, [...name], isOfToken));
  };
}

/** A pattern that matches this name alone. */
export function globQuoted(name: string): string {
  return name.replace(/[\\*?[]/g, "\\$&");
}

/** Any number of characters of a name, or of names of a path. */
const STAR = Symbol("any number");

/** What one character may be: any, this one, or one of a class. */
type Token = { readonly any: true } | { readonly char: string } | { readonly ranges: RegExp };

function isOfToken(token: Token, char: string): boolean {
  if ("any" in token) return true;
  return "char" in token ? token.char === char : token.ranges.test(char);
}

function tokensOf(part: string): (Token | typeof STAR)[] {
  const tokens: (Token | typeof STAR)[] = [];
  for (const [text] of part.matchAll(/\\.|\[[!^]?\]?[^\]]*\]|\*+|./gsu)) {
    if (text[0] === "*") tokens.push(STAR);
    else if (text === "?") tokens.push({ any: true });
    else if (text[0] === "[" && text.length > 2) tokens.push({ ranges: classOf(text.slice(1, -1)) });
    else tokens.push({ char: text.length > 1 && text[0] === "\\" ? text.slice(1) : text });
  }
  return tokens;
}

/** `text`: without its brackets. One that makes no sense, such as `z-a`, matches nothing. */
function classOf(text: string): RegExp {
  const negated = /^[!^]/.test(text);
  const inside = (negated ? text.slice(1) : text).replace(/[\\[\]^]/g, "\\$&");
  try {
    return new RegExp(`^[${negated ? "^" : ""}${inside}]$`, "su");
  } catch {
    return NOTHING;
  }
}

const NOTHING = /(?!)/;

/** From the left; after a mismatch the last star takes one item more. An earlier star never has to. */
function matches<P, I>(
  pattern: readonly (P | typeof STAR)[],
  items: readonly I[],
  isOf: (part: P, item: I) => boolean,
): boolean {
  let [at, star, taken] = [0, -1, 0];
  for (let i = 0; i < items.length; ) {
    const part = pattern[at];
    const item = items[i] as I;
    if (part === STAR) {
      star = at++;
      taken = i;
    } else if (part !== undefined && isOf(part, item)) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++taken;
    } else return false;
  }
  return pattern.slice(at).every((part) => part === STAR);
}
