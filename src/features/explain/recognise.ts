/** Finds the messages that sqlock knows in the lines of a text, as they come. Pure, and of bounded memory. */
import { entryOfName, namesIn } from "./codes.ts";
import type { Entry, Wording } from "./entry.ts";
import type { LibraryId } from "./libraries.ts";
import type { Line } from "./lines.ts";
import { anyOf, literalsOf } from "./literals.ts";
import { type Reading, readOccurrence } from "./reading.ts";
import { type Source, sourceOf } from "./source.ts";

/** What was found of one entry. */
export interface Tally {
  readonly entry: Entry;
  /** How often it was said; a chain of exceptions that repeats it counts once. */
  count: number;
  /** The first ones, with what the lines around them tell. */
  readonly readings: Reading[];
}

export interface Recognition {
  readonly lines: number;
  /** The most frequent first; of equally frequent ones the first. */
  readonly tallies: readonly Tally[];
  /** Lines that may be meant where nothing was recognised. */
  readonly candidates: readonly string[];
}

/** A line around a message. */
export interface Seen {
  readonly number: number;
  readonly text: string;
  /** What the log has before the text. */
  readonly source: Source;
  /** It has a message (which need not be the one in question). */
  readonly hit: boolean;
}

/**
 * Lines that may belong to a message: a traceback before it, a stack and codes after it, a chain of exceptions further
 * on.
 */
const BEFORE = 60;
const AFTER = 25;
const CHAIN = 300;

/** More occurrences of one entry are counted only. */
const MOST_READ = 200;

const CHAINED = /direct cause of the following exception|During handling of the above exception|\bCaused by: ?/;
/**
 * A field of the error that Node.js prints after its stack: ` errstr: 'database is locked'`, ` [cause]: SqliteError:
 * ...`.
 */
const FIELD = /^\s+["'[]?\w+["'\]]?: /;
const TRACEBACK = "Traceback (most recent call last)";

/** A log record that has a traceback in one line. */
const ONE_LINE = /\\n(?: +| *\\t)(?:at |File )|Traceback \(most recent call last\):\\n/;

interface Open {
  readonly tally: Tally;
  readonly program: string;
  readonly lines: Seen[];
  readonly hits: { readonly at: number; readonly start: number; readonly libraries: readonly LibraryId[] }[];
  left: number;
  chained: boolean;
}

interface Hit {
  readonly entry: Entry;
  readonly start: number;
  readonly end: number;
  readonly libraries: readonly LibraryId[];
}

export class Recogniser {
  readonly #entries: readonly Entry[];
  readonly #filter: RegExp;
  readonly #byText = new Map<string, { readonly entry: Entry; readonly wording: Wording }[]>();
  readonly #always: { readonly entry: Entry; readonly wording: Wording }[] = [];
  readonly #tallies = new Map<Entry, Tally>();
  readonly #candidates = new Candidates();
  #before: Seen[] = [];
  #open: Open[] = [];
  #lines = 0;

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    const wordings = entries.flatMap((entry) =>
      entry.wordings.map((wording) => ({ entry, wording, texts: literalsOf(wording.pattern) })),
    );
    const { pattern, texts } = anyOf([...wordings.flatMap((each) => each.texts ?? []), CODE_NAME, CODE_NUMBER]);
    this.#filter = pattern;
    for (const { entry, wording, texts: own } of wordings) {
      if (own === null) this.#always.push({ entry, wording });
      for (const text of own ?? []) {
        const kept = texts.find((each) => text.includes(each)) ?? text;
        this.#byText.set(kept, [...(this.#byText.get(kept) ?? []), { entry, wording }]);
      }
    }
  }

  push(line: Line): void {
    this.#lines = line.number;
    const source = sourceOf(line.text);
    const text = evenSpaces(source.prefix === "" ? line.text : line.text.slice(source.prefix.length), line.again);
    if (text.includes("\\n") && ONE_LINE.test(text)) {
      for (const part of text.split(/(?:\\r)?\\n/)) this.#push({ number: line.number, text: part, again: 0 }, source);
    } else {
      this.#push({ number: line.number, text, again: line.again }, source);
    }
  }

  finish(): Recognition {
    for (const open of this.#open) this.#close(open);
    this.#open = [];
    for (const tally of this.#tallies.values()) tally.readings.sort((a, b) => a.line - b.line);
    const tallies = [...this.#tallies.values()].sort((a, b) => b.count - a.count);
    return { lines: this.#lines, tallies, candidates: this.#candidates.best() };
  }

  #push(line: Line, source: Source): void {
    const hits = this.#hitsOf(line, source);
    const seen: Seen = { number: line.number, text: line.text, source, hit: hits.length > 0 };
    for (const open of this.#open) {
      open.left--;
      if (open.program !== source.name) continue;
      const follows = open.lines.at(-1)?.hit === true && line.text.startsWith(TRACEBACK);
      if (follows || CHAINED.test(line.text)) {
        open.chained = true;
        open.left = Math.max(open.left, CHAIN - 1);
      }
      open.lines.push(seen);
    }
    for (const hit of hits) this.#add(hit, seen);
    for (const open of this.#open) if (open.left <= 0) this.#close(open);
    this.#open = this.#open.filter((open) => open.left > 0);
    this.#before.push(seen);
    if (this.#before.length > 2 * BEFORE) this.#before = this.#before.slice(-BEFORE);
    if (hits.length === 0 && this.#tallies.size === 0) this.#candidates.offer(line.text);
  }

  #add(hit: Hit, seen: Seen): void {
    const tally = this.#tallies.get(hit.entry) ?? { entry: hit.entry, count: 0, readings: [] };
    this.#tallies.set(hit.entry, tally);
    const before = this.#open.find((open) => open.tally === tally && open.program === seen.source.name);
    if (before !== undefined && (before.chained || FIELD.test(seen.text))) {
      before.hits.push({ at: before.lines.length - 1, start: hit.start, libraries: hit.libraries });
      before.chained = false;
      before.left = AFTER;
      return;
    }
    if (before !== undefined) before.left = 0;
    tally.count++;
    if (tally.count > MOST_READ) return;
    const lines = [...this.#before.slice(-BEFORE).filter((line) => line.source.name === seen.source.name), seen];
    this.#open.push({
      tally,
      program: seen.source.name,
      lines,
      hits: [{ at: lines.length - 1, start: hit.start, libraries: hit.libraries }],
      left: AFTER,
      chained: false,
    });
  }

  #close({ tally, lines, hits }: Open): void {
    tally.readings.push(readOccurrence(tally.entry, lines, hits));
  }

  /** The messages of a line; of two that overlap, the longer one. */
  #hitsOf({ text, again }: Line, source: Source): Hit[] {
    const found = new Set(this.#always);
    let code = false;
    this.#filter.lastIndex = 0;
    for (let match = this.#filter.exec(text); match !== null; match = this.#filter.exec(text)) {
      const literal = match[0].toLowerCase();
      for (const each of this.#byText.get(literal) ?? []) found.add(each);
      code ||= literal === CODE_NAME || literal === CODE_NUMBER;
      this.#filter.lastIndex = match.index + 1;
    }
    if (found.size === 0 && !code) return [];
    const [sql, another] = [startOfSql(text), isAnothers(source.prefix + text)];
    const byEntry = new Map<Entry, Hit>();
    for (const { entry, wording } of found) {
      const match = wording.pattern.exec(text);
      if (match === null || another || match.index >= sql || (again > 0 && match.index >= text.length - again))
        continue;
      const own = byEntry.get(entry);
      byEntry.set(entry, {
        entry,
        start: Math.min(match.index, own?.start ?? match.index),
        end: Math.max(match.index + match[0].length, own?.end ?? 0),
        libraries: [...(own?.libraries ?? []), ...(wording.library === undefined ? [] : [wording.library])],
      });
    }
    const longest = [...byEntry.values()].sort((a, b) => b.end - b.start - (a.end - a.start));
    const kept = longest.filter(
      (hit, i) => !longest.slice(0, i).some((other) => hit.start < other.end && other.start < hit.end),
    );
    if (kept.length === 0 && code && !another)
      kept.push(...this.#hitsOfCode(text, source).filter(({ start }) => start < sql));
    return kept.sort((a, b) => a.start - b.start);
  }

  /** A code without its message: it belongs to a message just before it, or stands for one. */
  #hitsOfCode(text: string, source: Source): Hit[] {
    const number = CODE_OF_NUMBER.exec(text)?.[1];
    const named = namesIn(text).flatMap((name) => entryOfName(name, this.#entries) ?? []);
    const numbered =
      number === undefined
        ? []
        : this.#entries.filter((entry) => entry.code?.number === Number(number) && entry.code.number !== 1);
    const entry = named[0] ?? numbered[0];
    if (entry === undefined || this.#open.some((open) => open.tally.entry === entry && open.program === source.name))
      return [];
    const start = text.search(/SQLITE_|sqlite error/i);
    return [{ entry, start, end: start, libraries: [] }];
  }
}

/** Programs that say the same of what is no SQLite database, or of a lock of their own. */
const ANOTHER_PROGRAM = /\borg\.h2\.|\bKeePass(?:XC|DX)?\b(?!\.)|\bliquibase\b/i;

function isAnothers(text: string): boolean {
  return ANOTHER_PROGRAM.test(text) && !/sqlite/i.test(text);
}

/** From where on a line is a statement or its parameters, in which a message is only data. */
const SQL =
  /\[SQL: |\[parameters: |; args=|\((?:\d{1,6}\.\d{3}|\d{1,9}(?:\.\d{1,3})?ms)\) +(?=(?:BEGIN|COMMIT|INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|SELECT) )/i;

function startOfSql(text: string): number {
  const start = text.search(SQL);
  return start < 0 ? Number.POSITIVE_INFINITY : start;
}

/**
 * Several spaces and such that do not break as one, but for the indentation; a line that comes in pieces stays as it
 * is.
 */
function evenSpaces(text: string, again: number): string {
  if (again > 0 || !UNEVEN.test(text)) return text;
  const start = text.search(/[^ ]/);
  return text.slice(0, start) + text.slice(start).replace(/[ \u00a0\u202f]{2,}|[\u00a0\u202f]/g, " ");
}

const UNEVEN = /[^ ] {2}|[\u00a0\u202f]/;

const CODE_NAME = "sqlite_";
const CODE_NUMBER = "sqlite error";
const CODE_OF_NUMBER = /\bsqlite error:? (\d{1,5})\b/i;

/** Lines to compare with what is known, where nothing is recognised: those that speak of an error, else the first. */
class Candidates {
  readonly #errors: string[] = [];
  readonly #first: string[] = [];

  offer(text: string): void {
    if (this.#first.length < MOST_CANDIDATES) this.#first.push(text.slice(0, LONGEST_CANDIDATE));
    if (this.#errors.length < MOST_CANDIDATES && ERROR.test(text)) this.#errors.push(text.slice(0, LONGEST_CANDIDATE));
  }

  best(): readonly string[] {
    return this.#errors.length > 0 ? this.#errors : this.#first;
  }
}

const MOST_CANDIDATES = 300;
const LONGEST_CANDIDATE = 300;
const ERROR = /error|exception|sqlite|fatal|panic|lock|database/i;
