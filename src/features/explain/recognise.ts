/** Finds the messages that sqlock knows in the lines of a text, as they arrive. Pure, and in bounded memory. */
import { CandidateLines } from "./candidates.ts";
import type { Entry } from "./entry.ts";
import { isLineOfStack, MAX_FRAME } from "./frames/index.ts";
import { type Hit, HitFinder } from "./hits.ts";
import type { Line } from "./lines.ts";
import { type LogProgram, programOf } from "./log-program.ts";
import { type HitPosition, type Reading, readOccurrence } from "./reading.ts";

/** What was found of one entry. */
export interface Tally {
  readonly entry: Entry;
  /** How many occurrences; a chain of exceptions that repeats the message counts once. */
  count: number;
  /** The first ones, with what the lines around them show. */
  readonly readings: Reading[];
}

export interface Recognition {
  readonly lines: number;
  /** The most frequent first; of equally frequent ones the first. */
  readonly tallies: readonly Tally[];
  /** Where nothing was recognised: lines that may be the message. */
  readonly candidates: readonly string[];
}

/** A line around a message. */
export interface ContextLine {
  readonly number: number;
  readonly text: string;
  /** The same with all its spaces: they show the indentation, also where a log prints a time before it. */
  readonly raw: string;
  readonly program: LogProgram;
  /** It has a message (which need not be the one in question). */
  readonly hit: boolean;
}

/**
 * How many lines may belong to a message: a traceback before it, a stack and codes after it, a chain of exceptions
 * further on.
 */
const LINES_BEFORE = 60;
const LINES_AFTER = 25;
const LINES_OF_CHAIN = 300;

/** Further lines that are searched for a stack before the message, and the longest stack after it. */
const EARLIER_LINES = 240;
const LINES_OF_STACK = 300;

/** More occurrences of one entry are only counted. */
const MAX_READ = 200;

/** A chain that repeats the message more often, or is longer, is none: the next message begins an occurrence. */
const MAX_HITS = 30;
const MAX_LINES = 2000;

const CHAINED = /direct cause of the following exception|During handling of the above exception|\bCaused by: ?/;
/**
 * A field of the error that Node.js prints after its stack: ` errstr: 'database is locked'`, ` [cause]: SqliteError:
 * ...`.
 */
const FIELD = /^\s+["'[]?\w+["'\]]?: /;
const TRACEBACK = "Traceback (most recent call last)";

/** A log record that has a traceback in one line. */
const ONE_LINE = /\\n(?: +| *\\t)(?:at |File )|Traceback \(most recent call last\):\\n/;

/** An occurrence to which more lines may belong. */
interface OpenOccurrence {
  readonly tally: Tally;
  /** Only lines of this program belong to it. */
  readonly program: string;
  readonly earlier: readonly ContextLine[];
  readonly lines: ContextLine[];
  readonly hits: HitPosition[];
  linesLeft: number;
  stackLinesLeft: number;
  /** The next occurrence of the message belongs to the same chain of exceptions. */
  chained: boolean;
}

export class Recogniser {
  readonly #finder: HitFinder;
  readonly #tallies = new Map<Entry, Tally>();
  readonly #candidates = new CandidateLines();
  #before: ContextLine[] = [];
  #open: OpenOccurrence[] = [];
  #lines = 0;

  constructor(entries: readonly Entry[]) {
    this.#finder = new HitFinder(entries);
  }

  push(line: Line): void {
    this.#lines = line.number;
    const program = programOf(line.text);
    const own = program.prefix === "" ? line.text : line.text.slice(program.prefix.length);
    if (own.includes("\\n") && ONE_LINE.test(own)) {
      for (const part of own.split(/(?:\\r)?\\n/))
        this.#push({ number: line.number, text: evenSpaces(part), overlap: 0 }, part, program);
    } else {
      // A line that comes in pieces stays as it is: characters are counted from its end.
      const text = line.overlap > 0 ? own : evenSpaces(own);
      this.#push({ number: line.number, text, overlap: line.overlap }, own, program);
    }
  }

  finish(): Recognition {
    for (const open of this.#open) close(open);
    this.#open = [];
    for (const tally of this.#tallies.values()) tally.readings.sort((a, b) => a.line - b.line);
    const tallies = [...this.#tallies.values()].sort((a, b) => b.count - a.count);
    return { lines: this.#lines, tallies, candidates: this.#candidates.best() };
  }

  #push({ number, text, overlap }: Line, raw: string, program: LogProgram): void {
    const isOpen = (entry: Entry) => this.#openOf(entry, program) !== undefined;
    const hits = this.#finder.find(text, program.prefix, overlap, isOpen);
    const line: ContextLine = { number, text, raw, program, hit: hits.length > 0 };
    for (const open of this.#open) append(open, line);
    for (const hit of hits) this.#add(hit, line);
    for (const open of this.#open) if (open.linesLeft <= 0) close(open);
    this.#open = this.#open.filter((open) => open.linesLeft > 0);
    this.#before.push(line);
    this.#forgetLong(this.#before.length - 1 - LINES_BEFORE);
    const kept = LINES_BEFORE + EARLIER_LINES;
    if (this.#before.length > 2 * kept) this.#before = this.#before.slice(-kept);
    if (hits.length === 0 && this.#tallies.size === 0) this.#candidates.offer(text);
  }

  /** Of the lines that far back only those of a stack are read: a long one is none. */
  #forgetLong(index: number): void {
    const line = this.#before[index];
    if (line !== undefined && line.raw.length > MAX_FRAME) this.#before[index] = { ...line, text: "", raw: "" };
  }

  #add(hit: Hit, line: ContextLine): void {
    const tally = this.#tallies.get(hit.entry) ?? { entry: hit.entry, count: 0, readings: [] };
    this.#tallies.set(hit.entry, tally);
    const open = this.#openOf(hit.entry, line.program);
    if (open !== undefined && !isFull(open) && (open.chained || FIELD.test(line.text))) {
      open.hits.push({ at: open.lines.length - 1, start: hit.start, libraries: hit.libraries });
      open.chained = false;
      open.linesLeft = LINES_AFTER;
      return;
    }
    if (open !== undefined) open.linesLeft = 0;
    tally.count++;
    if (tally.count > MAX_READ) return;
    const isOfProgram = (each: ContextLine) => each.program.name === line.program.name;
    const lines = [...this.#before.slice(-LINES_BEFORE).filter(isOfProgram), line];
    this.#open.push({
      tally,
      program: line.program.name,
      earlier: this.#before.slice(-LINES_BEFORE - EARLIER_LINES, -LINES_BEFORE).filter(isOfProgram),
      lines,
      hits: [{ at: lines.length - 1, start: hit.start, libraries: hit.libraries }],
      linesLeft: LINES_AFTER,
      stackLinesLeft: LINES_OF_STACK,
      chained: false,
    });
  }

  #openOf(entry: Entry, { name }: LogProgram): OpenOccurrence | undefined {
    return this.#open.find((open) => open.tally.entry === entry && open.program === name);
  }
}

/** Every line uses up one of those that may follow; only those of its program belong to it. */
function append(open: OpenOccurrence, line: ContextLine): void {
  const ofStack = open.stackLinesLeft > 0 && open.program === line.program.name && isLineOfStack(line.raw);
  if (ofStack) open.stackLinesLeft--;
  else open.linesLeft--;
  if (open.program !== line.program.name) return;
  const follows = open.lines.at(-1)?.hit === true && line.text.startsWith(TRACEBACK);
  if (!isFull(open) && (follows || CHAINED.test(line.text))) {
    open.chained = true;
    open.linesLeft = Math.max(open.linesLeft, LINES_OF_CHAIN - 1);
  }
  open.lines.push(line);
}

/** Each of its lines is compared with others: without a limit, a text that never ends its chain takes hours. */
function isFull({ hits, lines }: OpenOccurrence): boolean {
  return hits.length >= MAX_HITS || lines.length >= MAX_LINES;
}

function close({ tally, lines, hits, earlier }: OpenOccurrence): void {
  tally.readings.push(readOccurrence(tally.entry, lines, hits, earlier));
}

const UNEVEN = /[^ ] {2}|[\u00a0\u202f]/;

/** Several spaces, and no-break ones, become one space; the indentation stays. */
function evenSpaces(text: string): string {
  if (!UNEVEN.test(text)) return text;
  const start = text.search(/[^ ]/);
  return text.slice(0, start) + text.slice(start).replace(/[ \u00a0\u202f]{2,}|[\u00a0\u202f]/g, " ");
}
