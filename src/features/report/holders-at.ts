/** The processes of a moment as who-holds has them: by database, with what their locks block. Pure. */

import type { Holder, Lock } from "../../model/report.ts";
import type { State } from "../../recording/history/state-at.ts";
import type { BlockerFact, LockLine, ProcessLine, TransactionLine, WaitLine } from "../../recording/lines.ts";
import type { WalLine } from "../../recording/state-lines.ts";
import { meaningOfLocks } from "../../sqlite/activity.ts";
import { compareLocks, LOCKS, type LockName, lockRow } from "../../sqlite/locks.ts";
import type { Numbered } from "../record/known-processes.ts";

export interface HolderAt {
  readonly holder: Holder;
  /** The lock that matters most, and all of them. */
  readonly main: LockLine;
  readonly locks: readonly LockLine[];
  /** That of `main`, as far as connections are known: the one that is open longest; null: none is known. */
  readonly transaction: TransactionLine | null;
  /** So many wait for it. */
  readonly waiting: number;
}

export interface DatabaseAt {
  readonly path: string;
  /** Those that others wait for first. */
  readonly holders: readonly HolderAt[];
  readonly waits: readonly WaitLine[];
  readonly wal: WalLine | null;
}

/** `paths`: of the databases that were recorded. */
export function databasesAt(
  state: State,
  paths: readonly string[],
  processOf: (who: Numbered) => ProcessLine | null,
): DatabaseAt[] {
  const all = new Set([...paths, ...state.locks.map(({ path }) => path), ...state.waits.map(({ path }) => path)]);
  return [...all].map((path) => {
    const waits = state.waits.filter((each) => each.path === path);
    const wal = state.wal.find((each) => each.path === path) ?? null;
    const locks = state.locks.filter((each) => each.path === path);
    const transactions = state.transactions.filter((each) => each.path === path);
    const isWal = locks.some(({ lock }) => lockRow(lock)?.file === "shm");
    const holders = [...groupOf(locks).values()].map((own) =>
      holderAt(own, { state, isWal, wal, waits, transactions, processOf }),
    );
    return { path, waits, wal, holders: holders.sort((a, b) => b.waiting - a.waiting || rankOf(a) - rankOf(b)) };
  });
}

function groupOf(locks: readonly LockLine[]): Map<string, LockLine[]> {
  const groups = new Map<string, LockLine[]>();
  for (const line of locks) {
    const key = `${line.pid} ${line.startTicks}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  return groups;
}

interface Around {
  readonly state: State;
  readonly isWal: boolean;
  readonly wal: WalLine | null;
  readonly waits: readonly WaitLine[];
  readonly transactions: readonly TransactionLine[];
  readonly processOf: (who: Numbered) => ProcessLine | null;
}

function holderAt(own: readonly LockLine[], { state, isWal, wal, waits, transactions, processOf }: Around): HolderAt {
  const [first] = own as readonly [LockLine, ...LockLine[]];
  const process = processOf(first);
  const locks = distinct(own.map(({ lock, lockType }) => lockOf(lock, lockType))).sort(compareLocks);
  const meaning = meaningOfLocks(locks, { journalMode: isWal ? "wal" : "rollback", journalValid: false, wal: null });
  const pins = wal?.pinnedBy.some((each) => each.pid === first.pid && each.startTicks === first.startTicks) === true;
  const blocks = new Set([...meaning.blocks, ...(pins ? (["checkpoints"] as const) : [])]);
  const isOwn = (each: Numbered) => each.pid === first.pid && each.startTicks === first.startTicks;
  const waitedFor = waits.filter(({ blockers }) =>
    blockers.some((each) => isOwn(each) && own.some((line) => isHold(each, line, state.atMs))),
  );
  const main = mainOf(own, waitedFor, state.atMs);
  const transaction = transactionOf(main, transactions.filter(isOwn));
  return {
    holder: {
      ...{ pid: first.pid, parentPid: null, user: process?.user ?? null, uid: process?.uid ?? null },
      ...{ name: process?.name ?? "", commandLine: process?.commandLine ?? [], state: null, frozen: null },
      ...{ uninterruptible: null, startedAt: null, terminal: null, unit: process?.unit ?? null },
      ...{ unitManager: process?.unitManager ?? null, unitUid: process?.unitUid ?? null },
      ...{ container: process?.container ?? null, containerUid: null, openFiles: null, openFilesLimit: null },
      ...{ idleMs: null, complete: false, startTicks: ticksOf(first.startTicks), handles: [], locks },
      ...{ activity: meaning.activity, blocks: [...blocks], readMark: null },
      ...{ heldAtLeastMs: state.atMs - main.fromMs, heldLikelyMs: null, heldLikelyBasis: null, stale: [] },
    },
    ...{ main, locks: own, transaction, waiting: waitedFor.length },
  };
}

/**
 * A wait names all that were in its way, one after the other: this one is the lock of this line, which is held at that
 * moment. A process has a lock once.
 */
function isHold(blocker: BlockerFact, line: LockLine, atMs: number): boolean {
  return blocker.lock === line.lock && blocker.fromMs >= line.fromMs - SAME_MS && blocker.fromMs <= atMs;
}

/** Times of one hold may be apart by so much: of lines that were rounded on their way, ms. */
const SAME_MS = 1;

/** What others wait for; else the strongest. */
function mainOf(own: readonly LockLine[], waits: readonly WaitLine[], atMs: number): LockLine {
  const isWaitedFor = (line: LockLine) =>
    waits.some(({ blockers }) => blockers.some((each) => each.pid === line.pid && isHold(each, line, atMs)));
  const rank = (line: LockLine) => LOCKS.findIndex(({ name }) => name === line.lock);
  return own.toSorted((a, b) => Number(isWaitedFor(b)) - Number(isWaitedFor(a)) || rank(a) - rank(b))[0] as LockLine;
}

function transactionOf({ connection }: LockLine, own: readonly TransactionLine[]): TransactionLine | null {
  const sorted = own.toSorted((a, b) => a.fromMs - b.fromMs);
  if (connection === null) return sorted[0] ?? null;
  const exact = sorted.find((each) => each.connection === connection);
  return exact ?? sorted.find((each) => each.connection === null) ?? null;
}

function rankOf({ main }: HolderAt): number {
  return LOCKS.findIndex(({ name }) => name === main.lock);
}

function lockOf(name: LockName, type: Lock["type"]): Lock {
  const row = lockRow(name);
  const [start, end] = row?.bytes ?? [0n, 0n];
  return { name, role: row?.file ?? "database", type, api: "posix", start, end, waiting: false };
}

function distinct(locks: readonly Lock[]): Lock[] {
  return [...new Map(locks.map((lock) => [`${lock.name} ${lock.type}`, lock])).values()];
}

function ticksOf(text: string | null): bigint | null {
  return text !== null && /^\d{1,20}$/.test(text) ? BigInt(text) : null;
}
