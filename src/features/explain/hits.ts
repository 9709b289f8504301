/** The known messages in one line of a text. Pure. */
import { entryOfName, namesIn } from "./codes.ts";
import type { Entry, Wording } from "./entry.ts";
import type { LibraryId } from "./libraries.ts";
import { anyOf, literalsOf } from "./literals.ts";

export interface Hit {
  readonly entry: Entry;
  /** Where in the line the message stands. */
  readonly start: number;
  readonly end: number;
  /** Libraries that use these words. */
  readonly libraries: readonly LibraryId[];
}

interface EntryWording {
  readonly entry: Entry;
  readonly wording: Wording;
}

/** A line with a result code contains one of these. */
const CODE_NAME = "sqlite_";
const CODE_NUMBER = "sqlite error";
const CODE_OF_NUMBER = /\bsqlite error:? (\d{1,5})\b/i;

/** SQLITE_ERROR stands for too many errors. */
const GENERIC_CODE = 1;

export class HitFinder {
  readonly #entries: readonly Entry[];
  /** Of the literal texts of all wordings: only lines in which one stands are compared with the wordings themselves. */
  readonly #filter: RegExp;
  readonly #byText = new Map<string, EntryWording[]>();
  /** Wordings without a literal text. */
  readonly #unfiltered: EntryWording[] = [];

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    const wordings = entries.flatMap((entry) =>
      entry.wordings.map((wording) => ({ entry, wording, texts: literalsOf(wording.pattern) })),
    );
    const { pattern, texts } = anyOf([...wordings.flatMap((each) => each.texts ?? []), CODE_NAME, CODE_NUMBER]);
    this.#filter = pattern;
    for (const { entry, wording, texts: own } of wordings) {
      if (own === null) this.#unfiltered.push({ entry, wording });
      for (const text of own ?? []) {
        const kept = texts.find((each) => text.includes(each)) ?? text;
        this.#byText.set(kept, [...(this.#byText.get(kept) ?? []), { entry, wording }]);
      }
    }
  }

  /**
   * In the order of the line; of two that overlap, the longer one. `prefix` is what the log has before the text,
   * `overlap` how many characters at its end come again. `isKnown`: a message of this entry stands just before, so
   * that a code alone belongs to it.
   */
  find(text: string, prefix: string, overlap: number, isKnown: (entry: Entry) => boolean): Hit[] {
    const { wordings, hasCode } = this.#filtered(text);
    if ((wordings.size === 0 && !hasCode) || isOfAnotherProgram(prefix + text)) return [];
    const sql = startOfSql(text);
    const byEntry = new Map<Entry, Hit>();
    for (const { entry, wording } of wordings) {
      const match = wording.pattern.exec(text);
      if (match === null || match.index >= sql || (overlap > 0 && match.index >= text.length - overlap)) continue;
      const own = byEntry.get(entry);
      byEntry.set(entry, {
        entry,
        start: Math.min(match.index, own?.start ?? match.index),
        end: Math.max(match.index + match[0].length, own?.end ?? 0),
        libraries: [...(own?.libraries ?? []), ...(wording.library === undefined ? [] : [wording.library])],
      });
    }
    const hits = longest([...byEntry.values()]);
    if (hits.length > 0 || !hasCode) return hits.sort((a, b) => a.start - b.start);
    const byCode = this.#hitOfCode(text);
    return byCode === null || byCode.start >= sql || isKnown(byCode.entry) ? [] : [byCode];
  }

  #filtered(text: string): { readonly wordings: ReadonlySet<EntryWording>; readonly hasCode: boolean } {
    const wordings = new Set(this.#unfiltered);
    let hasCode = false;
    this.#filter.lastIndex = 0;
    for (let match = this.#filter.exec(text); match !== null; match = this.#filter.exec(text)) {
      const literal = match[0].toLowerCase();
      for (const each of this.#byText.get(literal) ?? []) wordings.add(each);
      hasCode ||= literal === CODE_NAME || literal === CODE_NUMBER;
      this.#filter.lastIndex = match.index + 1;
    }
    return { wordings, hasCode };
  }

  /** A code without its message. */
  #hitOfCode(text: string): Hit | null {
    const number = Number(CODE_OF_NUMBER.exec(text)?.[1]);
    const entry =
      namesIn(text)
        .map((name) => entryOfName(name, this.#entries))
        .find((named) => named !== null) ??
      this.#entries.find(({ code }) => code !== null && code.number === number && number !== GENERIC_CODE);
    if (entry === undefined) return null;
    const start = text.search(/SQLITE_|sqlite error/i);
    return { entry, start, end: start, libraries: [] };
  }
}

function longest(hits: readonly Hit[]): Hit[] {
  const byLength = [...hits].sort((a, b) => b.end - b.start - (a.end - a.start));
  return byLength.filter(
    (hit, i) => !byLength.slice(0, i).some((other) => hit.start < other.end && other.start < hit.end),
  );
}

/** Programs that print the same words about something other than SQLite, or about their own lock. */
const ANOTHER_PROGRAM = /\borg\.h2\.|\bKeePass(?:XC|DX)?\b(?!\.)|\bliquibase\b/i;

function isOfAnotherProgram(text: string): boolean {
  return ANOTHER_PROGRAM.test(text) && !/sqlite/i.test(text);
}

/** The beginning of a statement or its parameters: a message in there is only data. */
const SQL = new RegExp(
  String.raw`\[SQL: |\[parameters: |; args=|` +
    String.raw`\((?:\d{1,6}\.\d{3}|\d{1,9}(?:\.\d{1,3})?ms)\) +` +
    "(?=(?:BEGIN|COMMIT|INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|SELECT) )",
  "i",
);

function startOfSql(text: string): number {
  const start = text.search(SQL);
  return start < 0 ? Number.POSITIVE_INFINITY : start;
}
