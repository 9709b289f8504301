/** Events as the columns of a page: in the order of time, in whole microseconds. Pure. */
import type { PageData } from "../data.ts";
import type { CountedHolds } from "./counted-holds.ts";
import type { Event, Lock, Refusal, Transaction, Wait } from "./event-facts.ts";

/** The statements of the longest transactions have times. */
const MOST_TIMED = 40_000;

export interface Events {
  readonly locks: readonly Lock[];
  readonly waits: readonly Wait[];
  readonly transactions: readonly Transaction[];
  readonly refusals: readonly Refusal[];
  readonly counted: readonly CountedHolds[];
}

type Tables = Pick<PageData, "locks" | "waits" | "transactions" | "refusals" | "blockers" | "statements" | "counted">;

/** `fromMs`: what times count from. `untilEnd`: how long what has not ended goes on, ms. */
export function toColumns(all: Events, fromMs: number, untilEnd: (fromMs: number) => number): Tables {
  const us = (ms: number) => Math.round((ms - fromMs) * 1_000);
  const [locks, waits, refusals] = [sorted(all.locks), sorted(all.waits), sorted(all.refusals)];
  const transactions = sorted(all.transactions);
  const isTimed = timed(transactions);
  const blockers = [...waits, ...refusals].flatMap((each) => each.blockers);
  const statements = transactions.flatMap((each) => (isTimed(each) ? each.statements : []));
  const { counted } = all;
  const events = (list: readonly Event[]) => ({
    from: list.map((each) => us(each.fromMs)),
    length: list.map((each) => lengthUs(each.lengthMs ?? untilEnd(each.fromMs))),
    ...columns(list, ["lane", "tid", "site"]),
  });
  return {
    locks: { ...events(locks), ...columns(locks, ["kind", "flags", "sql"]) },
    waits: {
      ...{ ...events(waits), ...columns(waits, ["kind", "attempts", "outcome", "result", "flags", "sql"]) },
      overslept: waits.map(({ oversleptMs }) => lengthUs(oversleptMs)),
      ...{ blockers: waits.map((each) => each.blockers.length), ...columns(waits, ["moreBlockers"]) },
    },
    transactions: {
      ...{ ...events(transactions), ...columns(transactions, ["kind", "outcome", "flags", "sequence"]) },
      ...columns(transactions, ["moreStatements", "endedAt", "endedBy", "leftOpenBy", "pauseAfter", "pauseBefore"]),
      inside: transactions.map(({ insideMs }) => lengthUs(insideMs)),
      outside: transactions.map(({ outsideMs }) => lengthUs(outsideMs)),
      waited: transactions.map(({ waitedMs }) => lengthUs(waitedMs)),
      writeAfter: transactions.map(({ writeAfterMs }) => lengthUs(writeAfterMs)),
      pause: transactions.map(({ pauseMs }) => lengthUs(pauseMs)),
      timed: transactions.map((each) => (isTimed(each) ? each.statements.length : 0)),
    },
    refusals: {
      ...{ ...events(refusals), ...columns(refusals, ["result", "why", "flags", "sql", "moreBlockers"]) },
      waited: refusals.map(({ waitedMs }) => lengthUs(waitedMs)),
      blockers: refusals.map((each) => each.blockers.length),
    },
    blockers: {
      ...columns(blockers, ["process", "tid", "kind", "sql", "site"]),
      from: blockers.map((each) => us(each.fromMs)),
      held: blockers.map(({ heldMs }) => lengthUs(heldMs)),
      blocked: blockers.map(({ blockedMs }) => lengthUs(blockedMs)),
      atLeast: blockers.map(({ atLeast }) => (atLeast ? 1 : 0)),
    },
    statements: {
      after: statements.map(({ afterMs }) => lengthUs(afterMs)),
      length: statements.map(({ ms }) => lengthUs(ms)),
      ...columns(statements, ["result"]),
    },
    counted: {
      from: counted.map((each) => us(each.fromMs)),
      length: counted.map((each) => lengthUs(each.toMs - each.fromMs)),
      ...columns(counted, ["lane", "kind", "times"]),
      total: counted.map(({ totalMs }) => lengthUs(totalMs)),
      longest: counted.map(({ longestMs }) => lengthUs(longestMs)),
    },
  };
}

/** -1: not known. */
function lengthUs(ms: number | null): number {
  return ms === null ? -1 : Math.round(ms * 1_000);
}

function timed(transactions: readonly Transaction[]): (transaction: Transaction) => boolean {
  const timed = new Set<Transaction>();
  let left = MOST_TIMED;
  const length = ({ lengthMs }: Transaction) => lengthMs ?? Number.POSITIVE_INFINITY;
  for (const each of transactions.toSorted((a, b) => length(b) - length(a))) {
    left -= each.statements.length;
    if (left < 0) break;
    timed.add(each);
  }
  return (transaction) => timed.has(transaction);
}

function sorted<T extends Event>(events: readonly T[]): readonly T[] {
  return events.toSorted((a, b) => a.fromMs - b.fromMs);
}

type NumbersOf<T, Name extends keyof T> = { [Key in Name]: number[] };

function columns<T, Name extends keyof T>(list: readonly T[], names: readonly Name[]): NumbersOf<T, Name> {
  const all = names.map((name) => [name, list.map((each) => each[name])] as const);
  return Object.fromEntries(all) as unknown as NumbersOf<T, Name>;
}
