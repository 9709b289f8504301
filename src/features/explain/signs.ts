/** What holders do now that speaks for or against a cause of "database is locked", with or without a finding. Pure. */
import { type DatabaseReport, type Holder, isPathError, type Lock, type Report } from "../../model/report.ts";

export const SIGN_IDS = [
  "exclusive",
  "takes-turns",
  "recovering",
  "lasting-writer",
  "writer",
  "reader",
  "waits-for-itself",
  "asleep",
  "read-only-mount",
  "only-reads",
  "confined",
  "quota",
  "encrypted",
] as const;

/**
 * A process holds EXCLUSIVE; transactions end, and others begin, from one look to the next; a process recovers the WAL;
 * it has held the write lock for a second at least; it holds the write lock; it reads, so that no connection can
 * commit; it polls, and has the write lock itself; it has several connections and the write lock, and does not run, so
 * that none of them waits; the file system is read-only; a process has the database open read-only, although it could
 * write it; a security module enforces rules on it; the file system has quotas; the file looks random and lacks
 * SQLite's header.
 */
export type SignId = (typeof SIGN_IDS)[number];

export interface Sign {
  readonly id: SignId;
  /** Null where the owner of the lock is unknown. */
  readonly pid: number | null;
}

/** A lock that is held for longer is no passing commit, and a process that slept longer does not poll; in ms. */
const LASTING_MS = 1000;

const NO_BLOCKER: readonly SignId[] = [
  "waits-for-itself",
  "asleep",
  "read-only-mount",
  "only-reads",
  "confined",
  "quota",
  "encrypted",
];

/** Something is blocked now: information about a possible cause comes after that. */
export function blocksNow({ id }: Sign): boolean {
  return !NO_BLOCKER.includes(id);
}

/** The first of each kind. */
export function signsOf(database: DatabaseReport): Sign[] {
  const { holders, unownedLocks, journal } = database;
  const ofHolder = (id: SignId, does: (holder: Holder) => boolean): Sign[] => {
    const holder = holders.find(does);
    return holder === undefined ? [] : [{ id, pid: holder.pid }];
  };
  const unowned = (id: SignId, names: readonly Lock["name"][]): Sign[] =>
    hasLock(unownedLocks, names) ? [{ id, pid: null }] : [];
  const orUnowned = (found: readonly Sign[], instead: readonly Sign[]) => (found.length > 0 ? found : instead);
  const exclusive = ofHolder(
    "exclusive",
    ({ activity, locks }) => activity === "exclusive" && hasLock(locks, ["EXCLUSIVE"]),
  );
  const others = [
    ...ofHolder("recovering", ({ activity }) => activity === "recovering"),
    ...ofHolder(
      "lasting-writer",
      (holder) => holdsWriteLock(holder) && holder.heldAtLeastMs !== null && holder.heldAtLeastMs >= LASTING_MS,
    ),
  ];
  const ofDatabase = [
    ...ofHolder("reader", ({ activity, blocks }) => activity === "reading" && blocks.includes("commits")),
    ...ofOwnConnections(database),
    ...(database.header === "likely-encrypted" ? [{ id: "encrypted", pid: null } as const] : []),
    ...(database.fileSystem?.readOnly === true ? [{ id: "read-only-mount", pid: null } as const] : []),
  ];
  // Who has the write lock, or EXCLUSIVE for a commit, in one look, has released it by the next.
  if (takeTurns(database)) return [{ id: "takes-turns", pid: null }, ...others, ...ofDatabase];
  return [
    ...orUnowned(exclusive, journal === null ? unowned("exclusive", ["EXCLUSIVE"]) : []),
    ...others,
    ...orUnowned(ofHolder("writer", holdsWriteLock), unowned("writer", ["RESERVED", "PENDING", "WRITE"])),
    ...ofDatabase,
  ];
}

/** Commits were counted, or the write lock was one process's and then another one's. */
function takeTurns({ progress, changesHands }: DatabaseReport): boolean {
  return (
    (progress?.commits ?? 0) > 0 ||
    progress?.released !== undefined ||
    changesHands.some(({ name }) => WRITE_LOCKS.includes(name))
  );
}

const WRITE_LOCKS: readonly Lock["name"][] = ["RESERVED", "PENDING", "EXCLUSIVE", "WRITE"];

function holdsWriteLock({ activity, blocks }: Holder): boolean {
  return (
    (activity === "writing" || activity === "committing" || activity === "checkpointing") && blocks.includes("writers")
  );
}

function hasLock(locks: readonly Lock[], names: readonly Lock["name"][]): boolean {
  return locks.some(({ name, waiting }) => !waiting && names.includes(name));
}

/**
 * Whether the message can be of the writer itself, which has other connections. Only one that polls now waits for
 * itself; where another process polls as well, or may, the message may be that one's.
 */
function ofOwnConnections({ holders, findings }: DatabaseReport): Sign[] {
  const own = findings.filter(({ id }) => id === "same-process-contention");
  const runs = (pid: number | undefined) => {
    const idle = holders.find((holder) => holder.pid === pid)?.idleMs ?? null;
    return idle === null || idle < LASTING_MS;
  };
  const polls = own.find(({ severity, pids }) => severity !== "info" && runs(pids[0]));
  if (polls !== undefined) {
    const [pid = null] = polls.pids;
    // on a busy machine one that polls waits for a CPU, and is not seen to sleep between two attempts
    const othersMayWait = holders.some((other) => other.pid !== pid && runs(other.pid));
    const otherWaits = othersMayWait || findings.some(({ id }) => id === "likely-waiting");
    return otherWaits ? [] : [{ id: "waits-for-itself", pid }];
  }
  const asleep = own.length > 0 && own.every(({ pids }) => !runs(pids[0]));
  return asleep ? [{ id: "asleep", pid: own[0]?.pids[0] ?? null }] : [];
}

/** The first of each kind on all databases. */
export function signsOn(report: Report | null): Sign[] {
  const all = report?.databases.flatMap((database) => (isPathError(database) ? [] : signsOf(database))) ?? [];
  return SIGN_IDS.flatMap((id) => all.find((sign) => sign.id === id) ?? []);
}
