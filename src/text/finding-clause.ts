/** What is wrong in a few words: a finding as a part of the verdict, above its summary and evidence. Pure. */

import { hasJournalOfLostDatabase } from "../model/lost-files.ts";
import type { Related } from "../model/relate.ts";
import type { Finding, FindingId, Holder, Report } from "../model/report.ts";
import { shortNameOf } from "./holder.ts";
import { count, list } from "./list.ts";

interface Subject {
  /** The processes of the finding: `4242 (python app.py)`, `3 processes (4242, 4243 and 4244)`. */
  readonly who: string;
  /** There is one. */
  readonly one: boolean;
  readonly isError: boolean;
  readonly holders: readonly Holder[];
  /** No process was out of sight. */
  readonly sawAll: boolean;
}

/** A clause without a full stop. `most`: the longest command that is named. */
export function findingClause(finding: Finding, { holders }: Related, unseen: Report["unseen"], most: number): string {
  const own = holders.filter(({ pid }) => finding.pids.includes(pid));
  const [first] = own;
  return CLAUSES[finding.id]({
    who: own.length === 1 && first !== undefined ? shortNameOf(first, most) : namesOf(finding.pids),
    one: finding.pids.length === 1,
    isError: finding.severity === "error",
    holders: own,
    sawAll: unseen === null,
  });
}

function namesOf(pids: readonly number[]): string {
  if (pids.length === 1) return String(pids[0]);
  return pids.length === 0 ? "a process" : `${count(pids.length, "process", "processes")} (${list(pids)})`;
}

const CLAUSES: Readonly<Record<FindingId, (subject: Subject) => string>> = {
  "deleted-file": ({ who, one, holders }) =>
    `${who} ${one ? "uses" : "use"} a file that was ` +
    `${holders.some(({ handles }) => handles.some(({ deleted }) => deleted)) ? "deleted" : "moved away"}` +
    (holders.some(hasJournalOfLostDatabase)
      ? ", and the -journal beside this database is of that file"
      : ": commits there are not in this database"),
  "lost-locks": ({ who, one }) => `${who} ${one ? "uses" : "use"} it without ${one ? "its" : "their"} locks`,
  "foreign-writer": ({ who, one }) => `${who} likely ${one ? "writes" : "write"} over the file, and not through SQLite`,
  "other-locking": ({ who, one }) => `${who} ${one ? "uses" : "use"} it, and by none of SQLite's default locks`,
  "separate-locks": ({ isError }) =>
    `it is reached by two paths with separate locks${isError ? ", and is in use by both" : ""}`,
  "super-journal-elsewhere": () => "its -journal is of a commit over several databases whose super-journal is missing",
  "hot-journal": ({ isError, sawAll }) =>
    isError
      ? "it is empty, and its -journal, which undoes a transaction, is deleted by the next program that opens it"
      : `${sawAll ? "" : "likely "}a writer died in the middle of a transaction (hot journal)`,
  "damaged-wal": () => "its -wal is damaged, and there are commits behind the damage",
  "foreign-companion": () => "its companion files belong to another user, and its owner cannot write them",
  "leftover-wal": ({ isError }) =>
    isError
      ? "it is empty, and the next program that opens it deletes the commits in its -wal"
      : "its -wal holds commits that may not be in the database file yet",
  "wal-from-another-file": () => "its -wal is likely that of another database file",
  "odd-companion": () => "one of its companion files is no regular file",
  "hard-linked": ({ isError, who, one, holders }) =>
    isError && holders.some(({ handles }) => handles.some(({ role }) => role === "wal" || role === "shm"))
      ? `${who} ${one ? "uses" : "use"} it by another name (hard link), with another -wal`
      : isError
        ? "the -journal of an unfinished transaction lies beside another name (hard link) of it"
        : "it has several names (hard links), which have separate companion files",
  "mixed-lock-apis": () => "its programs lock it in different ways, which do not keep each other out",
  "suspended-holder": ({ who, one }) => `${who} ${one ? "is" : "are"} stopped`,
  "uninterruptible-holder": ({ who, one }) => `${who} ${one ? "hangs" : "hang"} in the kernel (state D)`,
  "uncommitted-write": ({ who, one }) => `${who} ${one ? "has" : "have"} a write transaction open`,
  "exclusive-locking-mode": ({ who, one }) => `${who} ${one ? "holds" : "hold"} the EXCLUSIVE lock`,
  "same-process-contention": ({ who, one }) =>
    `${who} likely ${one ? "waits for its own lock" : "wait for their own locks"}`,
  "open-read-blocks-commit": ({ who, one }) => `${who} ${one ? "has" : "have"} a read open that blocks commits`,
  "lock-directory": () => "there is a lock directory beside it",
  "foreign-lock": ({ who, one }) => `${who} ${one ? "holds" : "hold"} a lock that is not one of SQLite's`,
  "live-copy": ({ who, one }) => `${who} likely ${one ? "copies" : "copy"} it while it is in use`,
  "inherited-handle": ({ who, one }) => `${who} ${one ? "has" : "have"} a connection carried over fork`,
  "orphaned-holder": ({ who, one }) => `${who} ${one ? "is" : "are"} left over from a session that has ended`,
  "checkpoint-starved": ({ who, one }) => `${who} ${one ? "keeps" : "keep"} WAL frames from being copied back`,
  "wal-oversized": () => "its -wal is far larger than it needs to be",
  "not-writable": ({ who, isError, one, holders }) =>
    isError || holders.length === 0
      ? "its file system, or a file of it, cannot be written"
      : `${who} cannot write ${one ? "one" : "some"} of its files`,
  "disk-full": ({ isError }) => (isError ? "its file system is full" : "its file system is nearly full"),
  "open-files-exhausted": ({ who, one, isError }) =>
    `${who} ${one ? "has" : "have"} ${isError ? "no" : "hardly any"} file descriptors left`,
  "network-file-system": () => "it is on a network file system, where locks may not reach every user of it",
  "likely-waiting": ({ who, one }) => `${who} likely ${one ? "waits" : "wait"} for a lock`,
  "overlapping-runs": ({ who, one }) => (one ? `${who} runs beside the same command` : `${who} run the same command`),
  "other-namespace": () => "processes that cannot be seen from here may have it open",
  "header-mismatch": () => "its header does not fit the file",
};
