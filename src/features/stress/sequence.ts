/** The operations of each worker, in order: the seed alone decides them, not time and not the other workers. Pure. */
import type { RowKey } from "./content.ts";
import { Random } from "./random.ts";

export interface Operation extends RowKey {
  /** The version of a delete is the one that it deletes. */
  readonly kind: "insert" | "update" | "delete";
}

/** Percent of the operations; the rest are deletes. */
const INSERT_PERCENT = 60;
const UPDATE_PERCENT = 25;

/** Streams of random numbers that no writer uses. */
const FIRST_READER_STREAM = 0x4000_0000;
const KILL_STREAM = 0x7fff_ffff;

/** The transactions of one writer. No other writer touches its rows. */
export class WriterSequence {
  readonly #random: Random;
  readonly #writer: number;
  readonly #rows: number;
  /** The rows that exist: number and version, in no order. */
  readonly #numbers: number[] = [];
  readonly #versions: number[] = [];
  #inserted = 0;

  constructor(seed: number, writer: number, rows: number) {
    this.#random = new Random(seed, writer);
    this.#writer = writer;
    this.#rows = rows;
  }

  /** The next transaction. */
  next(): Operation[] {
    return Array.from({ length: this.#rows }, () => this.#operation());
  }

  #operation(): Operation {
    const choice = this.#random.int(1, 100);
    if (choice <= INSERT_PERCENT || this.#numbers.length === 0) {
      const number = ++this.#inserted;
      this.#numbers.push(number);
      this.#versions.push(1);
      return { kind: "insert", writer: this.#writer, number, version: 1 };
    }
    const at = this.#random.int(0, this.#numbers.length - 1);
    const number = this.#numbers[at] ?? 0;
    const version = this.#versions[at] ?? 0;
    if (choice <= INSERT_PERCENT + UPDATE_PERCENT) {
      this.#versions[at] = version + 1;
      return { kind: "update", writer: this.#writer, number, version: version + 1 };
    }
    this.#numbers[at] = this.#numbers.at(-1) ?? 0;
    this.#versions[at] = this.#versions.at(-1) ?? 0;
    this.#numbers.pop();
    this.#versions.pop();
    return { kind: "delete", writer: this.#writer, number, version };
  }
}

/** A reader reads the first row from this key on. */
export interface ReadKey {
  readonly writer: number;
  readonly number: number;
}

/** The highest row number that a reader asks for. */
const MAX_ROW_NUMBER = 1000;

/** The reads of one reader. */
export class ReaderSequence {
  readonly #random: Random;
  readonly #writers: number;
  readonly #rows: number;

  /** `reader`: from 1; `writers`: it reads the rows of writers 1 to this one. */
  constructor(seed: number, reader: number, writers: number, rows: number) {
    this.#random = new Random(seed, FIRST_READER_STREAM + reader);
    this.#writers = writers;
    this.#rows = rows;
  }

  next(): ReadKey[] {
    return Array.from({ length: this.#rows }, () => ({
      writer: this.#random.int(1, this.#writers),
      number: this.#random.int(1, MAX_ROW_NUMBER),
    }));
  }
}

/** For --kill-every: when to kill, and which process. */
export function killRandom(seed: number): Random {
  return new Random(seed, KILL_STREAM);
}

export interface ExpectedRow {
  readonly version: number;
  /** The transaction (from 1) that wrote each version, the first version first. */
  readonly written: readonly number[];
}

/** The rows of one writer after some number of commits. */
export interface WriterState {
  readonly rows: ReadonlyMap<number, ExpectedRow>;
  /** Deleted rows, and the transaction that deleted each. */
  readonly deleted: ReadonlyMap<number, number>;
}

export function stateAfter(seed: number, writer: number, rowsPerTransaction: number, commits: number): WriterState {
  const sequence = new WriterSequence(seed, writer, rowsPerTransaction);
  const rows = new Map<number, { version: number; written: number[] }>();
  const deleted = new Map<number, number>();
  for (let transaction = 1; transaction <= commits; transaction++) {
    for (const { kind, number, version } of sequence.next()) {
      const row = rows.get(number);
      if (kind === "delete") {
        rows.delete(number);
        deleted.set(number, transaction);
      } else if (row === undefined) rows.set(number, { version, written: [transaction] });
      else {
        row.version = version;
        row.written.push(transaction);
      }
    }
  }
  return { rows, deleted };
}
