/**
 * Escapes untrusted text (names of files and programs, messages) for a terminal. Only those that write it call this:
 * data keeps the text as it is. Pure.
 */

// What a terminal obeys or does not show: control characters, format characters (marks of direction, joiners, tags),
// line and paragraph separators, what fonts leave out by definition (variation selectors, fillers), and the blank of
// Braille. Source: Unicode, DerivedCoreProperties.txt (Default_Ignorable_Code_Point).
const UNSAFE = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}\u2800]`;

/**
 * Combining marks on one character that are shown: Vietnamese and Hebrew need two to four, a pile of them covers the
 * lines above and below.
 */
const MAX_MARKS = 4;

/** The patterns of Unicode take 0.3 ms to load: most texts do without. */
let patterns: { readonly text: RegExp; readonly json: RegExp } | null = null;

function patternsOfUnicode() {
  // A mark without a character of its own would change the one before: at the start, and after what is escaped.
  const pile = `(?<=\\p{M}{${MAX_MARKS}})\\p{M}+`;
  patterns ??= {
    text: new RegExp(String.raw`${UNSAFE}\p{M}*|^\p{M}+|${pile}`, "gu"),
    json: new RegExp(String.raw`(?!\n)${UNSAFE}\p{M}*|(?<=")\p{M}+|${pile}`, "gu"),
  };
  return patterns;
}

const NAMED: Record<string, string | undefined> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e" };

/** One line of visible characters. */
export function escapeText(text: string): string {
  return replaceUnsafe(text, (found) => Array.from(found, escapedCharacter).join(""));
}

/** Whether the text is one line of visible characters as it stands. */
export function isVisible(text: string): boolean {
  return replaceUnsafe(text, () => "") === text;
}

/** `escaped`: what is to stand for one or more characters that may not be shown. */
export function replaceUnsafe(text: string, escaped: (unsafe: string) => string): string {
  return /^[ -~]*$/.test(text) ? text : text.replace(patternsOfUnicode().text, escaped);
}

function escapedCharacter(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return NAMED[char] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 1)}}`);
}

/** Lines of visible characters: the ends of lines stay. */
export function escapeLines(text: string): string {
  return text.split("\n").map(escapeText).join("\n");
}

/** The same JSON document, with `\uXXXX` for what is no visible character. `json`: as JSON.stringify makes it. */
export function escapeJson(json: string): string {
  if (/^[\n -~]*$/.test(json)) return json;
  return json.replace(patternsOfUnicode().json, (found) =>
    found
      .split("")
      .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
      .join(""),
  );
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
