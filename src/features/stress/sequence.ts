/**
 * What each worker does, in which order: the same for the same seed, whatever the others do and however long it takes.
 * Pure.
 */
import type { RowKey } from "./content.ts";
import { Random } from "./random.ts";

export interface Operation extends RowKey {
  /** A delete has the version that it takes away. */
  readonly kind: "insert" | "update" | "delete";
}

/** Of a hundred operations; the rest are deletes. */
const INSERTS = 60;
const UPDATES = 25;

/** Readers and the choice of victims have their own random numbers, apart from those of any writer. */
const READERS_FROM = 0x4000_0000;
const VICTIMS = 0x7fff_ffff;

/** The transactions of one writer, on rows of its own. */
export class WriterSequence {
  readonly #random: Random;
  readonly #writer: number;
  readonly #rows: number;
  /** The rows that are there: number and version, in no order. */
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
    if (choice <= INSERTS || this.#numbers.length === 0) {
      const number = ++this.#inserted;
      this.#numbers.push(number);
      this.#versions.push(1);
      return { kind: "insert", writer: this.#writer, number, version: 1 };
    }
    const at = this.#random.int(0, this.#numbers.length - 1);
    const number = this.#numbers[at] ?? 0;
    const version = this.#versions[at] ?? 0;
    if (choice <= INSERTS + UPDATES) {
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

/** The first row from here on, by writer and number. */
export interface Place {
  readonly writer: number;
  readonly number: number;
}

/** The highest number at which a reader begins to look. */
const MOST_NUMBER = 1000;

/** What one reader reads. */
export class ReaderSequence {
  readonly #random: Random;
  readonly #writers: number;
  readonly #rows: number;

  /** `reader`, from 1; `writers`: among how many it chooses. */
  constructor(seed: number, reader: number, writers: number, rows: number) {
    this.#random = new Random(seed, READERS_FROM + reader);
    this.#writers = writers;
    this.#rows = rows;
  }

  next(): Place[] {
    return Array.from({ length: this.#rows }, () => ({
      writer: this.#random.int(1, this.#writers),
      number: this.#random.int(1, MOST_NUMBER),
    }));
  }
}

/** For --kill-every: when, and who. */
export function randomOfVictims(seed: number): Random {
  return new Random(seed, VICTIMS);
}

/** A row as it should be, and the transaction (from 1) that wrote it last. */
export interface Expected {
  readonly version: number;
  /** Which transaction wrote each version, from the first on. */
  readonly written: readonly number[];
}

export interface State {
  readonly rows: ReadonlyMap<number, Expected>;
  /** Rows that were there once, and the transaction that took each away. */
  readonly deleted: ReadonlyMap<number, number>;
}

/** What the table has of a writer after so many commits. */
export function stateAfter(seed: number, writer: number, rowsOfTransaction: number, commits: number): State {
  const sequence = new WriterSequence(seed, writer, rowsOfTransaction);
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
