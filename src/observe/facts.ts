/** Reads what the contents of a database and its companion files say: journal mode, page counts, WAL, journal. */
import type { FileFacts } from "../model/file-facts.ts";
import type { DatabaseFile, Target } from "../model/snapshot.ts";
import type { Mount } from "../proc/mountinfo.ts";
import type { CommitMark } from "../sqlite/commit-mark.ts";
import { ENCRYPTED_START_BYTES, type EncryptedDatabase, likelyEncrypted } from "../sqlite/encrypted.ts";
import { type JournalMode, parseDatabaseHeader } from "../sqlite/header.ts";
import { uptimeMs } from "../time.ts";
import type { User } from "../user/user.ts";
import { otherNamesNow, readJournal } from "./journal-facts.ts";
import { type OpenFile, readFrom, withOpenFile } from "./open-file.ts";
import type { ReadingTime } from "./pace.ts";
import { ownerIfRootMayNot } from "./squashed-root.ts";
import { type LiveIndex, pagesOfLeftoverWal, readWal, readWalIndex } from "./wal-facts.ts";

export interface ReadOptions {
  /** The mounts of this process. */
  readonly mounts: readonly Mount[];
  /** For counting the frames of -wal files. */
  readonly time: ReadingTime;
}

/** `walIndexLive`: some process holds DMS, so that the wal-index is up to date. */
export async function readFacts(target: Target, walIndexLive: boolean, options: ReadOptions): Promise<FileFacts> {
  const file = (role: DatabaseFile["role"]) => target.files.find((each) => each.role === role);
  const database = file("database");
  let pagesBeyond = 0;
  const readHeader = (user: User | null) =>
    database === undefined
      ? ({ kind: "denied" } as const)
      : withOpenFile(database.path, database, user, (open) => {
          const start = readFrom(open.fd, 0, ENCRYPTED_START_BYTES);
          pagesBeyond = pagesBeyondHeader(open, start);
          return start;
        });
  let user = target.lookAs;
  let header = readHeader(user);
  if (header.kind === "denied" && user === null && database !== undefined) {
    user = await ownerIfRootMayNot(database.rights.uid);
    if (user !== null) header = readHeader(user);
  }
  const parsed = header.kind === "ok" ? parseDatabaseHeader(header.value) : null;
  const isDatabase = parsed?.kind === "database" ? parsed : null;
  const encrypted =
    header.kind === "ok" && parsed?.kind === "other" ? likelyEncrypted(header.value, database?.sizeBytes ?? 0) : null;
  const index = walIndexLive ? readWalIndex(file("shm"), user) : null;
  const besideRollback = isDatabase?.journalMode === "rollback";
  const ownPageSize = isDatabase?.pageSize ?? encrypted?.pageSize ?? null;
  const readAtMs = uptimeMs();
  const readIndexAgain = () => readWalIndex(file("shm"), user);
  const wal = await readWal(file("wal"), user, index, readIndexAgain, besideRollback, ownPageSize, options.time);
  const pageSize = ownPageSize ?? (parsed?.kind === "other" ? (wal?.pageSize ?? null) : null);
  const pagesOnDisk =
    pageSize === null || database === undefined ? null : Number(database.sizeBytes / BigInt(pageSize));
  const journal = await readJournal(file("journal"), user, parsed?.kind === "empty", options.mounts);
  // SQLite replays a -wal whatever the header says: then all connections work in WAL mode until a checkpoint writes
  // the header.
  const journalMode =
    besideRollback && wal?.live === true && (file("wal")?.sizeBytes ?? 0n) > 0n
      ? "wal"
      : (isDatabase?.journalMode ?? (parsed?.kind === "other" ? modeWithoutHeader(wal, encrypted) : "unknown"));
  const mark = commitMark(journalMode, isDatabase?.changeCounter ?? null, index, journal?.identity ?? null);
  return {
    readable: header.kind === "ok",
    header: parsed === null ? null : encrypted === null ? parsed.kind : "likely-encrypted",
    journalMode,
    pageSize,
    pageCount:
      parsed?.kind === "empty"
        ? 0
        : ((index !== null && index.mxFrame > 0 ? index.pageCount : null) ??
          pagesOfLeftoverWal(wal, pageSize) ??
          isDatabase?.pageCount ??
          pagesOnDisk),
    ...(pagesBeyond === 0 ? {} : { pagesBeyondHeader: pagesBeyond }),
    wal,
    journal: journal?.facts ?? null,
    ...otherNamesNow(target),
    commits: mark === null ? null : { mark, readAtMs },
  };
}

/** `start`: read after the size of `stats`, so that a commit in between makes the file no longer than it is. */
function pagesBeyondHeader({ fd, stats }: OpenFile, start: Uint8Array): number {
  const parsed = parseDatabaseHeader(start);
  if (parsed.kind !== "database" || parsed.journalMode !== "rollback") return 0;
  const { pageSize, pageCount } = parsed;
  if (pageSize === null || pageCount === null) return 0;
  const pages = Number(stats.size / BigInt(pageSize));
  if (pages <= pageCount) return 0;
  return readFrom(fd, (pages - 1) * pageSize, pageSize).some((byte) => byte !== 0) ? pages - pageCount : 0;
}

/** Nobody leaves a -wal beside a database in rollback mode. */
function modeWithoutHeader(wal: FileFacts["wal"], encrypted: EncryptedDatabase | null): JournalMode {
  return wal === null ? (encrypted?.journalMode ?? "unknown") : "wal";
}

function commitMark(
  mode: FileFacts["journalMode"],
  changeCounter: number | null,
  index: LiveIndex | null,
  journal: string | null,
): CommitMark | null {
  if (mode === "wal") return index === null ? null : { kind: "wal", changeCounter: index.changeCounter };
  return mode === "unknown" || changeCounter === null ? null : { kind: "rollback", changeCounter, journal };
}
