/** What the table has against what was acknowledged. Pure. */
import { checksumOf, textOf } from "./content.ts";
import { type State, stateAfter } from "./sequence.ts";

export interface Row {
  readonly writer: number;
  readonly number: number;
  readonly version: number;
  readonly text: string;
  readonly checksum: number;
}

/** One writer process; one that took the place of a killed one is another. */
export interface Account {
  readonly writer: number;
  /** Commits that it told of. */
  readonly acknowledged: number;
  /** It may have committed one more, of which it could not tell. */
  readonly killed: boolean;
}

export interface Compared {
  readonly acknowledged: number;
  /** Of the acknowledged commits, those that are there. */
  readonly found: number;
  readonly lost: number;
  /** Rows that are there twice, were written more often than was acknowledged, or that nobody wrote. */
  readonly duplicated: number;
  /** Transactions of killed writers that are there though they were not acknowledged. */
  readonly inFlight: number;
  /** The first few differences, in words. */
  readonly differences: readonly string[];
}

export const NOTHING_COMPARED: Compared = {
  acknowledged: 0,
  found: 0,
  lost: 0,
  duplicated: 0,
  inFlight: 0,
  differences: [],
};

const MOST_DIFFERENCES = 20;

/** One writer's rows, in any order. */
export function compareWriter(
  seed: number,
  rowsOfTransaction: number,
  account: Account,
  rows: readonly Row[],
): Compared {
  const { writer, acknowledged, killed } = account;
  const exact = differencesOf(seed, writer, stateAfter(seed, writer, rowsOfTransaction, acknowledged), rows);
  if (isSame(exact) || !killed) return comparedOf(acknowledged, 0, exact);
  const oneMore = differencesOf(seed, writer, stateAfter(seed, writer, rowsOfTransaction, acknowledged + 1), rows);
  if (isSame(oneMore)) return comparedOf(acknowledged, 1, oneMore);
  return comparedOf(acknowledged, 0, exact);
}

/** Rows of a writer that never was. */
export function compareUnknown(writer: number, rows: number): Compared {
  return {
    ...NOTHING_COMPARED,
    duplicated: rows,
    differences: [`${rows} rows of writer ${writer}, which there was not`],
  };
}

export function add(a: Compared, b: Compared): Compared {
  return {
    acknowledged: a.acknowledged + b.acknowledged,
    found: a.found + b.found,
    lost: a.lost + b.lost,
    duplicated: a.duplicated + b.duplicated,
    inFlight: a.inFlight + b.inFlight,
    differences: [...a.differences, ...b.differences].slice(0, MOST_DIFFERENCES),
  };
}

interface Differences {
  /** Numbers of transactions. */
  readonly lost: ReadonlySet<number>;
  readonly duplicated: number;
  readonly words: readonly string[];
}

function isSame({ lost, duplicated }: Differences): boolean {
  return lost.size === 0 && duplicated === 0;
}

function comparedOf(acknowledged: number, inFlight: number, { lost, duplicated, words }: Differences): Compared {
  return {
    acknowledged,
    found: acknowledged - lost.size,
    lost: lost.size,
    duplicated,
    inFlight,
    differences: words.slice(0, MOST_DIFFERENCES),
  };
}

function differencesOf(
  seed: number,
  writer: number,
  { rows: expected, deleted }: State,
  rows: readonly Row[],
): Differences {
  const lost = new Set<number>();
  const words: string[] = [];
  const seen = new Set<number>();
  let duplicated = 0;
  const say = (number: number, what: string) => words.push(`writer ${writer}, row ${number}: ${what}`);
  for (const row of rows) {
    const { number, version, text, checksum } = row;
    const should = expected.get(number);
    const deletedBy = deleted.get(number);
    if (seen.has(number)) {
      duplicated++;
      say(number, "is there twice");
    } else if (should === undefined && deletedBy !== undefined) {
      lost.add(deletedBy);
      say(number, `is there, and transaction ${deletedBy} deleted it`);
    } else if (should === undefined || version > should.version) {
      duplicated++;
      say(
        number,
        should === undefined
          ? "is there, and nobody wrote it"
          : `version ${version}, and was written ${should.version} times`,
      );
    } else if (version < should.version) {
      for (const transaction of should.written.slice(Math.max(0, version))) lost.add(transaction);
      say(number, `version ${version} instead of ${should.version}`);
    } else if (text !== textOf(seed, row) || checksum !== checksumOf(row, text)) {
      lost.add(should.written.at(-1) ?? 0);
      say(number, "is not what was written");
    }
    seen.add(number);
  }
  for (const [number, { written }] of expected) {
    if (seen.has(number)) continue;
    for (const transaction of written) lost.add(transaction);
    say(number, `is not there, and transaction ${written.at(-1)} wrote it`);
  }
  return { lost, duplicated, words };
}
