/**
 * Whether a database is free, open, busy or blocked: decided here alone, for the first line of who-holds and for every
 * exit code that says "free" (--blocked, --wait, kill). Pure.
 */
import { BLOCKS, type Block, keepsReadersOrWritersOut } from "../sqlite/locks.ts";
import type { Related } from "./relate.ts";
import type { Blocker, DatabaseReport, Finding, Holder } from "./report.ts";
import type { Snapshot } from "./snapshot.ts";
import { knowsLocks } from "./source.ts";
import { isSomebodyHidden } from "./unseen-processes.ts";
import { useWithoutLocks } from "./use-without-locks.ts";

/**
 * `free`: no process has it open. `open`: no process is kept out, and it is open, or may be. `busy`: processes are kept
 * out at this moment, and the holders take turns. `blocked`: readers, writers or (rollback mode) commits are kept out,
 * and nothing shows turns. `unknown`: what could be seen does not tell, or it may do harm to open it.
 */
export const VERDICT_STATES = ["free", "open", "busy", "blocked", "unknown"] as const;

export type VerdictState = (typeof VERDICT_STATES)[number];

/** Why the state is as it is. */
export type VerdictReason =
  | { readonly kind: "lock-directory" }
  /** `waiting`: of them, one that cannot go on before the causes (the first pids) have. */
  | { readonly kind: "blockers"; readonly blockers: readonly Blocker[]; readonly waiting: number | null }
  | { readonly kind: "turns" }
  | { readonly kind: "unsafe"; readonly finding: Finding }
  /** Locks are not known (lsof). */
  | { readonly kind: "no-locks" }
  /** Whether its -journal is hot. */
  | { readonly kind: "journal" }
  | { readonly kind: "out-of-sight"; readonly where: OutOfSight }
  /** They hold a lock that is none of SQLite's, or have the file open in no way that SQLite has. */
  | { readonly kind: "other-program" }
  /** Readers keep frames of the WAL. */
  | { readonly kind: "pinned"; readonly frames: number }
  | { readonly kind: "finding"; readonly finding: Finding }
  | { readonly kind: "open" }
  /** `locks-only`: open files were not looked for. `hidden`: some processes could not be inspected. */
  | { readonly kind: "maybe-open"; readonly why: "locks-only" | "hidden" }
  | { readonly kind: "nobody" };

/** Where locks may be held that do not show here. */
export type OutOfSight = "view" | "namespace" | "network" | "unread-locks" | "lsof";

export interface Verdict {
  readonly state: VerdictState;
  /** The effects in force, in the order of BLOCKS; a change of the journal mode is left out. */
  readonly blocks: readonly Block[];
  /** The causes first, then the others that block. */
  readonly pids: readonly number[];
  readonly reason: VerdictReason;
}

/** What a verdict rests on beside the database. */
export interface Circumstances
  extends Pick<Snapshot, "unseen" | "partialView" | "locksOnly" | "locksReadInPart" | "childNamespace" | "source"> {
  readonly findings: readonly Finding[];
  /** Those of them by which it may do harm to open the database. */
  readonly unsafe: readonly Finding[];
}

type Kept = Pick<Related, "blockers" | "lockDirectory" | "progress"> &
  Partial<Pick<Related, "changesHands" | "unownedLocks">>;

/** Who is kept out now, by the locks alone. */
export interface KeptOut {
  readonly state: "blocked" | "busy" | "no";
  /** Of what: readers, writers, commits. Where some holders take turns and others do not, what these others block. */
  readonly effects: readonly Block[];
  /** Those that block without turns; of `busy`, those that take turns. */
  readonly blockers: readonly Blocker[];
}

/** Programs that lock in this way are kept out altogether. */
const OF_LOCK_DIRECTORY: readonly Block[] = ["readers", "writers"];

/** A checkpoint that waits makes no program fail, so that what keeps it back is not counted. */
const KEEPS_OUT: readonly Block[] = ["readers", "writers", "commits"];

export function keptOut(database: Kept): KeptOut {
  const { lockDirectory, changesHands = [] } = database;
  const blockers = database.blockers.filter(({ effect }) => KEEPS_OUT.includes(effect));
  const stuck = blockers.filter((blocker) => !takesTurns(blocker, database));
  if (stuck.length > 0) return { state: "blocked", effects: effectsOf(stuck), blockers: stuck };
  if (lockDirectory !== null) return { state: "blocked", effects: OF_LOCK_DIRECTORY, blockers: [] };
  const isBusy = blockers.length > 0 || changesHands.some(keepsReadersOrWritersOut);
  return { state: isBusy ? "busy" : "no", effects: effectsOf(blockers), blockers };
}

/** Commits were counted, or its lock was seen to be released, or to be another process's. */
function takesTurns({ pid, lock }: Blocker, { progress, changesHands = [], unownedLocks = [] }: Kept): boolean {
  if (progress !== null && progress.commits > 0) return true;
  if (pid !== null && progress?.released?.includes(pid) === true) return true;
  // only POSIX locks are seen to change hands: a lock of another kind beside them, without an owner, may stay
  const mayStay = unownedLocks.some(({ name, api, waiting }) => name === lock && api !== "posix" && !waiting);
  return changesHands.some(({ name, pids }) => name === lock && (pid === null ? !mayStay : pids.includes(pid)));
}

function effectsOf(blockers: readonly Pick<Blocker, "effect">[], more: readonly Block[] = []): Block[] {
  const effects = new Set([...more, ...blockers.map(({ effect }) => effect)]);
  return BLOCKS.filter((block) => block !== "journal-mode" && effects.has(block));
}

export function verdictOf(database: Related, circumstances: Circumstances): Verdict {
  const { unsafe, source, findings } = circumstances;
  const kept = keptOut(database);
  const blocks = effectsOf(database.blockers, database.lockDirectory === null ? [] : OF_LOCK_DIRECTORY);
  const verdict = (state: VerdictState, pids: readonly number[], reason: VerdictReason): Verdict => ({
    state,
    blocks,
    pids,
    reason,
  });
  if (kept.state === "blocked") return { blocks, ...blocked(database, kept) };
  const [danger] = unsafe;
  if (danger !== undefined) {
    const pids = [...new Set(unsafe.flatMap((each) => (each.id === danger.id ? each.pids : [])))];
    return verdict("unknown", pids, { kind: "unsafe", finding: { ...danger, pids } });
  }
  if (kept.state === "busy") return verdict("busy", pidsTakingTurns(database, kept), { kind: "turns" });
  if (!knowsLocks(source) && database.holders.length > 0) return verdict("unknown", [], { kind: "no-locks" });
  if (database.journal?.hot === null) return verdict("unknown", [], { kind: "journal" });
  const where = outOfSight(database, circumstances);
  if (where !== null) return verdict("unknown", [], { kind: "out-of-sight", where });
  const use = useWithoutLocks(database);
  const others = [...use.foreign, ...use.overwriters];
  if (others.length > 0 || use.foreignUnowned)
    return verdict("unknown", [...new Set(others.map(({ pid }) => pid))], { kind: "other-program" });
  return { blocks, ...notLocked(database, findings, circumstances) };
}

function blocked(database: Related, { blockers }: KeptOut): Omit<Verdict, "blocks"> {
  if (blockers.length === 0) {
    const pid = database.lockDirectory?.pid;
    return { state: "blocked", pids: pid === undefined ? [] : [pid], reason: { kind: "lock-directory" } };
  }
  const pids = blockers.flatMap(({ pid }) => pid ?? []);
  const wait = database.waits.find((each) => pids.includes(each.pid) && (each.blockedBy.length > 0 || each.byUnknown));
  return {
    state: "blocked",
    pids: [...new Set([...(wait?.blockedBy ?? []), ...pids])],
    reason: { kind: "blockers", blockers, waiting: wait?.pid ?? null },
  };
}

function pidsTakingTurns({ changesHands, progress }: Related, { blockers }: KeptOut): number[] {
  const now = blockers.flatMap(({ pid }) => pid ?? []);
  return [...new Set([...now, ...(progress?.seen ?? []), ...changesHands.flatMap(({ pids }) => pids)])];
}

/** Null where every lock on the file shows here. */
function outOfSight(
  { views = [], fileSystem }: Related,
  { partialView, locksReadInPart, childNamespace, source }: Circumstances,
): OutOfSight | null {
  if (views.some(({ reachedAt }) => reachedAt === null)) return "view";
  if (!partialView) return null;
  if (locksReadInPart === true) return "unread-locks";
  if (childNamespace) return "namespace";
  if (fileSystem?.network === true) return "network";
  return source === "lsof" ? "lsof" : "view";
}

/** How long a read must have been open, in ms, to be worth the first line. */
const LONG_READ_MS = 1000;

function notLocked(
  database: Related,
  findings: readonly Finding[],
  circumstances: Circumstances,
): Omit<Verdict, "blocks"> {
  const isOpen = database.holders.length > 0 || database.unownedLocks.some(({ waiting }) => !waiting);
  const hidden = isSomebodyHidden(circumstances);
  const state = isOpen || hidden ? "open" : "free";
  const [worst] = findings.filter(({ severity }) => severity !== "info");
  const starved = findings.flatMap(({ id, pids }) => (id === "checkpoint-starved" ? pids : []));
  const readers = database.holders.filter(
    (holder) => holder.blocks.includes("checkpoints") && (starved.includes(holder.pid) || isLongRead(holder)),
  );
  const areCause = worst?.severity !== "error" || worst.pids.some((pid) => readers.some((each) => each.pid === pid));
  if (readers.length > 0 && areCause)
    return {
      state,
      pids: readers.map(({ pid }) => pid),
      reason: { kind: "pinned", frames: Math.max(...readers.map((reader) => pinnedFrames(reader, database))) },
    };
  if (worst !== undefined) return { state, pids: worst.pids, reason: { kind: "finding", finding: worst } };
  if (isOpen) return { state, pids: [], reason: { kind: "open" } };
  if (!hidden) return { state, pids: [], reason: { kind: "nobody" } };
  return { state, pids: [], reason: { kind: "maybe-open", why: circumstances.locksOnly ? "locks-only" : "hidden" } };
}

function isLongRead({ activity, heldAtLeastMs, heldLikelyMs }: Holder): boolean {
  return activity === "reading" && Math.max(heldAtLeastMs ?? 0, heldLikelyMs ?? 0) >= LONG_READ_MS;
}

function pinnedFrames({ readMark }: Holder, { wal }: Pick<DatabaseReport, "wal">): number {
  return wal === null || readMark === null ? 0 : Math.max(0, wal.frames - Math.max(readMark, wal.checkpointedFrames));
}
