/** What SQLite's locks mean: in two or three words for a legend, and in a clause that fits a line. Pure. */
import type { Lock } from "../model/report.ts";
import { LOCK_NAMES, type LockName, type LockType, lockRow } from "../sqlite/locks.ts";

type NamedLock = Pick<Lock, "name" | "type">;

interface Words {
  /** Of a legend: `the write lock`. */
  readonly short: string;
  /** With the name before it, at most 80 columns. */
  readonly long: string;
}

export interface LockMeaning extends Words {
  /** `READ1`; `READ1(write)` where the type changes what it means. */
  readonly name: string;
}

/** Of each of these locks once, the strongest first. `wal`: the database is in WAL mode. */
export function meaningsOf(locks: readonly NamedLock[], wal: boolean): LockMeaning[] {
  const present = new Set(locks.map(({ name, type }) => `${name} ${type}`));
  return LOCK_NAMES.flatMap((name) =>
    (["write", "read"] as const).flatMap((type) => {
      if (!present.has(`${name} ${type}`)) return [];
      const isMark = type === "write" && lockRow(name)?.pins !== undefined;
      return [{ name: isMark ? `${name}(write)` : name, ...wordsOf(name, type, wal) }];
    }),
  );
}

function wordsOf(name: LockName, type: LockType, wal: boolean): Words {
  switch (name) {
    case "EXCLUSIVE":
      return wal
        ? {
            short: "keeps all others out",
            long: "locking_mode=EXCLUSIVE, or the last connection closes: keeps all out",
          }
        : {
            short: "keeps all others out",
            long: "writes to the database file, or is in exclusive mode: keeps all out",
          };
    case "PENDING":
      return type === "read"
        ? { short: "starts to read", long: "starts to read: taken for a moment before SHARED" }
        : {
            short: "keeps new readers out",
            long: "taken for a commit, which waits for readers; no new reader starts",
          };
    case "RECOVER":
      return { short: "rebuilds the WAL index", long: "rebuilds the WAL index after a crash; all others wait" };
    case "RESERVED":
      return wal
        ? { short: "changes the journal mode", long: "changes the journal mode: in WAL mode it has no other use" }
        : {
            short: "the write lock",
            long: "the write lock of rollback mode: one writer only; readers can continue",
          };
    case "WRITE":
      return {
        short: "the write lock",
        long: "the write lock of WAL mode: one writer only; readers can continue",
      };
    case "CKPT":
      return { short: "runs a checkpoint", long: "runs a checkpoint: copies the WAL back into the database file" };
    case "SHARED":
      return wal
        ? { short: "attached", long: "has the database open (WAL mode): blocks only a change of the mode" }
        : { short: "reads", long: "reads: no writer can commit until it has finished" };
    case "DMS":
      return type === "read"
        ? { short: "attached", long: "attached to the WAL index (-shm), like every connection; blocks nothing" }
        : {
            short: "sets up the WAL index",
            long: "sets up the WAL index (-shm), as the first that opens the database",
          };
    case "FOREIGN":
      return {
        short: "not SQLite's lock",
        long: "not SQLite's lock: taken by another program or locking method",
      };
    default:
      return readMarkWords(lockRow(name)?.pins === 0, type);
  }
}

function readMarkWords(isDatabaseAlone: boolean, type: LockType): Words {
  if (type === "read")
    return isDatabaseAlone
      ? {
          short: "reads the database file",
          long: "reads the database file alone: no checkpoint can copy into it",
        }
      : { short: "reads a snapshot", long: "reads a snapshot: no checkpoint can copy later frames back" };
  return isDatabaseAlone
    ? { short: "copies into the database", long: "a checkpoint copies the WAL into the database file" }
    : { short: "changes a read mark", long: "changes this read mark, which no process uses at the moment" };
}

/** What is written around the name of a lock that is not held in SQLite's default way. */
export function markMeanings(locks: readonly Pick<Lock, "api" | "waiting">[]): LockMeaning[] {
  const marks: readonly [boolean, LockMeaning][] = [
    [
      locks.some(({ waiting }) => waiting),
      {
        name: "[waits:NAME]",
        short: "waits",
        long: "not held: the process waits for this lock in the kernel (F_SETLKW)",
      },
    ],
    [
      locks.some(({ api, waiting }) => api === "ofd" && !waiting),
      { name: "(ofd)", short: "OFD lock", long: "an OFD lock: every process with a copy of its descriptor holds it" },
    ],
    [
      locks.some(({ api, waiting }) => api === "flock" && !waiting),
      { name: "(flock)", short: "flock", long: "taken with flock(2), which SQLite's default locking does not see" },
    ],
  ];
  return marks.flatMap(([applies, meaning]) => (applies ? [meaning] : []));
}
