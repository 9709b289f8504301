/** What ending a holder does, as facts; the words for them are in render/kill/consequence.ts. Pure. */

import { type ReaderOnPurpose, readerOnPurpose } from "../../model/programs.ts";
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { holdsForeignToWrite, holdsLockOfSqlite, openUnlocked } from "../../model/use-without-locks.ts";
import type { CompanionRole } from "../../sqlite/roles.ts";
import type { Danger } from "./dangers.ts";

export type Consequence =
  | { readonly kind: "danger"; readonly danger: Danger }
  /** `wal`: its changes are dropped; in rollback mode the next program has to roll them back. */
  | { readonly kind: "write-transaction"; readonly wal: boolean }
  /**
   * EXCLUSIVE in WAL mode, which locking_mode=EXCLUSIVE keeps between transactions. `uncommittedFrames`: after the last
   * commit, of a transaction that is open or was rolled back; null where that is not known.
   */
  | { readonly kind: "exclusive-in-wal"; readonly uncommittedFrames: number | null }
  /** Its lock is none of SQLite's: what it does with the database is not known. */
  | { readonly kind: "foreign-lock" }
  | { readonly kind: "read-transaction" }
  /** A reader: this commit or checkpoint, which keeps others out, goes on when it has ended. */
  | { readonly kind: "lets-go-on"; readonly pid: number; readonly what: "commit" | "checkpoint" }
  /** It keeps others out because it waits for these readers: it would go on if they ended. */
  | { readonly kind: "waits-for-readers"; readonly what: "commit" | "checkpoint"; readonly pids: readonly number[] }
  | { readonly kind: "repeated"; readonly activity: "checkpointing" | "recovering" }
  | { readonly kind: "no-transaction" }
  /** It has no lock, and has the database open to write: nothing proves that it locks as SQLite does by default. */
  | { readonly kind: "no-lock" }
  /** Likely, by its name. */
  | { readonly kind: "reader-on-purpose"; readonly reader: ReaderOnPurpose }
  /** It works by other locks than SQLite's. `files`: what it has open to write without those that go with it. */
  | { readonly kind: "unseen-transaction"; readonly files: readonly CompanionRole[]; readonly wal: boolean }
  /** `path`: the lock directory, which may be its own, and does not go with it. */
  | { readonly kind: "lock-directory"; readonly path: string }
  | { readonly kind: "unknown-activity" }
  | { readonly kind: "stopped"; readonly process: Pick<Holder, "pid" | "uid" | "realUid"> }
  /** Its signals wait until it is thawed; with version 1 of cgroups SIGKILL as well. */
  | { readonly kind: "frozen"; readonly version: 1 | 2; readonly thaw: Thaw }
  /** A thread of it waits in the kernel: SIGKILL may have to wait as well. */
  | { readonly kind: "uninterruptible"; readonly waitsIn: string | null }
  /** `uid`: the user whose container it is. */
  | { readonly kind: "container"; readonly container: string; readonly uid: number | null }
  | ({ readonly kind: "service" } & Service)
  | { readonly kind: "terminal"; readonly terminal: string }
  /** It is not ended: SIGCONT. */
  | { readonly kind: "continues" };

/** What names the command that lets a frozen process go on. */
export type Thaw = Pick<Holder, "frozen" | "container" | "containerUid" | "unit" | "unitManager" | "unitUid">;

function thawOf({ frozen, container, containerUid, unit, unitManager, unitUid }: Holder): Thaw {
  return { frozen, container, containerUid, unit, unitManager, unitUid };
}

/** A service; its manager starts it again. */
export type Service = { readonly unit: string } & Pick<Holder, "unitManager" | "unitUid">;

/** Null for a process that is part of no service. */
export function serviceOf({ unit, unitManager, unitUid }: Holder): Service | null {
  return unit?.endsWith(".service") === true ? { unit, unitManager, unitUid } : null;
}

/** The worst comes first. */
export function consequencesOf(
  holder: Holder,
  database: Pick<DatabaseReport, "journalMode" | "wal" | "waits" | "lockDirectory" | "findings">,
  dangers: readonly Danger[],
): Consequence[] {
  const { lockDirectory } = database;
  const mayHaveMade =
    lockDirectory !== null &&
    (lockDirectory.pid ?? holder.pid) === holder.pid &&
    !holdsLockOfSqlite(holder) &&
    isOpenToWrite(holder);
  const unseen =
    mayHaveMade ||
    openUnlocked(holder).length > 0 ||
    holdsForeignToWrite(holder) ||
    database.findings.some(({ id, pids }) => id === "other-locking" && pids.includes(holder.pid));
  // With these, a transaction that is rolled back is not what happens.
  const losesMore = dangers.some(({ kind }) => kind !== "container-init");
  return [
    ...dangers.map((danger): Consequence => ({ kind: "danger", danger })),
    ...(losesMore ? [] : [transactionOf(holder, database, unseen)]),
    ...purposeOf(holder),
    // A file with the pid of a process that has ended is removed by the next program that locks in that way.
    ...(mayHaveMade && lockDirectory.pid === undefined
      ? [{ kind: "lock-directory", path: lockDirectory.path } as const]
      : []),
    ...waitsOf(holder, database),
    ...surroundingsOf(holder),
  ];
}

function purposeOf(holder: Holder): Consequence[] {
  const reader = readerOnPurpose(holder);
  return reader === null ? [] : [{ kind: "reader-on-purpose", reader }];
}

function isOpenToWrite({ handles }: Holder): boolean {
  return handles.some(({ role, access }) => role === "database" && access === "read-write");
}

/** `unseen`: it may be in a transaction that no lock of SQLite's shows. */
function transactionOf(
  holder: Holder,
  { journalMode, wal }: Pick<DatabaseReport, "journalMode" | "wal">,
  unseen: boolean,
): Consequence {
  const { activity, locks } = holder;
  if (unseen && activity === "idle")
    return { kind: "unseen-transaction", files: openUnlocked(holder), wal: journalMode === "wal" };
  switch (activity) {
    case "exclusive":
      if (!locks.some(({ name, waiting }) => name === "EXCLUSIVE" && !waiting)) return { kind: "foreign-lock" };
      if (journalMode === "wal") return { kind: "exclusive-in-wal", uncommittedFrames: wal?.uncommittedFrames ?? null };
      return { kind: "write-transaction", wal: false };
    case "writing":
    case "committing":
      return { kind: "write-transaction", wal: journalMode === "wal" };
    case "reading":
      return { kind: "read-transaction" };
    case "checkpointing":
    case "recovering":
      return { kind: "repeated", activity };
    case "idle":
      return {
        kind:
          journalMode !== "wal" && !holdsLockOfSqlite(holder) && isOpenToWrite(holder) ? "no-lock" : "no-transaction",
      };
    case "unknown":
      return { kind: "unknown-activity" };
  }
}

function waitsOf({ pid }: Holder, { waits }: Pick<DatabaseReport, "waits">): Consequence[] {
  return waits.flatMap((wait): Consequence[] => {
    if (wait.for === "lock" || wait.blockedBy.length === 0) return [];
    if (wait.pid === pid) return [{ kind: "waits-for-readers", what: wait.for, pids: wait.blockedBy }];
    return wait.blockedBy.includes(pid) ? [{ kind: "lets-go-on", pid: wait.pid, what: wait.for }] : [];
  });
}

function surroundingsOf(holder: Holder): Consequence[] {
  const { pid, uid, realUid, container, containerUid, state, frozen, uninterruptible, terminal } = holder;
  const service = serviceOf(holder);
  return [
    ...(state === "stopped"
      ? [{ kind: "stopped", process: { pid, uid, ...(realUid === undefined ? {} : { realUid }) } } as const]
      : []),
    ...(frozen === null ? [] : [{ kind: "frozen", version: frozen.version, thaw: thawOf(holder) } as const]),
    ...(uninterruptible === null ? [] : [{ kind: "uninterruptible", waitsIn: uninterruptible.waitsIn } as const]),
    ...(container === null ? [] : [{ kind: "container", container, uid: containerUid } as const]),
    ...(service === null ? [] : [{ kind: "service", ...service } as const]),
    ...(terminal === null ? [] : [{ kind: "terminal", terminal } as const]),
  ];
}
