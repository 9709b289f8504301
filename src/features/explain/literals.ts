/**
 * Which texts a match of a pattern must contain. A log is searched for these first, with one pattern for all of them;
 * only the few lines that contain one are compared with the patterns themselves.
 */

/** Shorter ones are in too many lines. */
const MIN_LENGTH = 4;

/** Texts in lower case, of which each match has at least one; null where there is none. */
export function literalsOf({ source }: RegExp): readonly string[] | null {
  return new Parser(source).alternatives();
}

type Found = readonly string[] | null;

/** As much of the syntax of patterns as wordings use; an unknown construct ends a text and guarantees nothing. */
class Parser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Up to the end, or to the bracket that closes the group. Each alternative must have a text. */
  alternatives(): Found {
    const found: Found[] = [this.#sequence()];
    while (this.#source[this.#at] === "|") {
      this.#at++;
      found.push(this.#sequence());
    }
    return found.some((each) => each === null) ? null : found.flatMap((each) => each ?? []);
  }

  #sequence(): Found {
    let best: Found = null;
    let run = "";
    const offer = (found: Found): void => {
      if (found !== null && weight(found) > weight(best)) best = found;
    };
    const endRun = (): void => {
      if (run.length >= MIN_LENGTH) offer([run.toLowerCase()]);
      run = "";
    };
    while (this.#at < this.#source.length && !"|)".includes(this.#source[this.#at] ?? "")) {
      const item = this.#item();
      const { optional, repeated } = this.#quantifier();
      if (typeof item === "string" && !optional) {
        run += item;
        if (repeated) endRun();
        continue;
      }
      endRun();
      if (typeof item !== "string" && !optional) offer(item);
    }
    endRun();
    return best;
  }

  /** A character, or the texts that a group guarantees. */
  #item(): string | Found {
    const char = this.#source[this.#at++] ?? "";
    if (char === "(") return this.#group();
    if (char === "[") return this.#class();
    if (char === "\\") return this.#escape();
    return ".^$".includes(char) ? null : char;
  }

  #group(): Found {
    const kind = /^\?(?:[:=!]|<[=!]|<\w+>|[ims]*(?:-[ims]+)?:)/.exec(this.#source.slice(this.#at))?.[0] ?? "";
    this.#at += kind.length;
    const found = this.alternatives();
    this.#at++;
    return kind.endsWith("!") ? null : found;
  }

  #class(): null {
    while (this.#at < this.#source.length && this.#source[this.#at] !== "]")
      this.#at += this.#source[this.#at] === "\\" ? 2 : 1;
    this.#at++;
    return null;
  }

  #escape(): string | null {
    const char = this.#source[this.#at++] ?? "";
    if (!/\w/.test(char)) return char;
    const more = /^(?:x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[^}]*\}|k<[^>]*>|[pP]\{[^}]*\}|c[A-Z])/i.exec(
      char + this.#source.slice(this.#at),
    )?.[0];
    this.#at += (more?.length ?? 1) - 1;
    return null;
  }

  #quantifier(): { readonly optional: boolean; readonly repeated: boolean } {
    const text = /^(?:[?*+]|\{\d+(?:,\d*)?\})\??/.exec(this.#source.slice(this.#at))?.[0] ?? "";
    this.#at += text.length;
    return { optional: /^(?:[?*]|\{0)/.test(text), repeated: text !== "" };
  }
}

function weight(found: Found): number {
  return found === null ? 0 : Math.min(...found.map((text) => text.length));
}

/** One pattern (`g`, `i`) of many texts, without those that contain another of them. */
export function anyOf(texts: Iterable<string>): { readonly pattern: RegExp; readonly texts: readonly string[] } {
  const all = [...new Set(texts)];
  const kept = all.filter((text) => !all.some((other) => other !== text && text.includes(other)));
  const source = kept.map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|");
  return { pattern: new RegExp(source === "" ? "(?!)" : source, "gi"), texts: kept };
}
