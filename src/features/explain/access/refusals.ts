/** What is refused, why, and which message SQLite gives for it: concluded from what was tried. Pure. */
import type { Rights } from "../../../model/snapshot.ts";
import type { Role } from "../../../sqlite/roles.ts";
import type { AccessFacts, Refused, Tried, TriedFile, TriedFolder, TriedUser } from "./facts.ts";

/**
 * `mode`: by the mode bits; `attribute`: immutable or append-only; `mount`: mounted read-only; `went-read-only`: since
 * an error; `holders-mount`: on the mount that the process sees; `sticky`: another's file in a sticky folder cannot be
 * deleted; `other-control`: though the mode bits allow it, so that an access control list or a security module does.
 */
export type RefusalWhy =
  | "mode"
  | "attribute"
  | "mount"
  | "went-read-only"
  | "holders-mount"
  | "sticky"
  | "quota"
  | "no-inode"
  | "other-control";

export interface Refusal {
  readonly user: TriedUser;
  readonly what: "path" | "folder" | Role;
  readonly path: string;
  /** What cannot be done with it. */
  readonly act: "pass" | "read" | "write" | "make-files" | "delete";
  readonly rights: Rights | null;
  readonly why: RefusalWhy;
  /** The message that SQLite gives, by the id of its entry, with the (extended) code. Tried with SQLite 3.40. */
  readonly message: "readonly-database" | "unable-to-open" | "disk-io-error";
  readonly code: number;
}

/** The causes of a refusal, as the causes of an entry tell them apart. */
export type RefusalKind = "rights" | "companions" | "read-only-file-system" | "no-room" | "other-control";

export function kindOf({ why, what }: Refusal): RefusalKind {
  switch (why) {
    case "mount":
    case "went-read-only":
    case "holders-mount":
      return "read-only-file-system";
    case "quota":
    case "no-inode":
      return "no-room";
    case "other-control":
      return "other-control";
    default:
      return what === "wal" || what === "shm" ? "companions" : "rights";
  }
}

/** Whether the user it was tried as is one who uses the database, or was named: then it is no guess. */
export function isSure({ because }: TriedUser): boolean {
  return because === "asked" || because === "caller" || because === "holder";
}

const READONLY = { message: "readonly-database", code: 8 } as const;
const READONLY_DIRECTORY = { message: "readonly-database", code: 1544 } as const;
const CANTOPEN = { message: "unable-to-open", code: 14 } as const;
const IOERR_WRITE = { message: "disk-io-error", code: 778 } as const;
const IOERR_DELETE = { message: "disk-io-error", code: 2570 } as const;

export function refusalsOf(facts: AccessFacts): Refusal[] {
  return facts.tried.flatMap((tried) => [...ofUser(tried, facts), ...onHoldersMount(tried, facts)]);
}

function ofUser(tried: Tried, facts: AccessFacts): Refusal[] {
  const { user, closed, files, folder } = tried;
  if (closed !== null) {
    const { path, rights, refused } = closed;
    return [{ user, what: "path", path, act: "pass", rights, why: whyOf(refused, rights, user, 0o1), ...CANTOPEN }];
  }
  const wal = facts.journalMode === "wal";
  const database = files.find(({ role }) => role === "database");
  const hasWalFiles = files.some(({ role }) => role === "wal") && files.some(({ role }) => role === "shm");
  if (database !== undefined && isReadOnly(tried, facts)) {
    const { path, rights } = database;
    const why = facts.mount?.readOnly === true && facts.mount.wentReadOnly !== "proved" ? "mount" : "went-read-only";
    return [
      { user, what: "database", path, act: "write", rights, why, ...(wal && !hasWalFiles ? CANTOPEN : READONLY) },
    ];
  }
  const journal = wal ? undefined : files.find(({ role }) => role === "journal");
  const journalStays = journal !== undefined && journal.write === null;
  const folderCounts = folder !== null && (wal ? !hasWalFiles : !journalStays);
  return [
    ...files
      .filter(({ role }) => isUsed(role, wal))
      .flatMap((file) => ofFile(file, user))
      .filter((refusal) => !hasItOpen(refusal, facts)),
    ...(folderCounts ? ofFolder(folder, user) : []),
    ...(journal === undefined ? [] : undeletable(journal, folder, user)),
    ...(folder?.attribute === "append-only" && !wal
      ? [{ user, what: "folder", ...pick(folder), act: "delete", why: "attribute", ...IOERR_DELETE } as const]
      : []),
  ];
}

function isUsed(role: Role, wal: boolean): boolean {
  return role === "database" || (wal ? role === "wal" || role === "shm" : role === "journal");
}

function isReadOnly({ files, folder }: Tried, { mount }: AccessFacts): boolean {
  return mount?.readOnly === true || files.some(({ write }) => write === "EROFS") || folder?.newFile === "EROFS";
}

function ofFile({ role, path, rights, read, write, attribute }: TriedFile, user: TriedUser): Refusal[] {
  const base = { user, what: role, path, rights };
  if (isRefused(read)) return [{ ...base, act: "read", why: whyOf(read, rights, user, 0o4), ...CANTOPEN }];
  const says = role === "journal" ? IOERR_WRITE : READONLY;
  if (isRefused(write)) return [{ ...base, act: "write", why: whyOf(write, rights, user, 0o6), ...says }];
  return attribute === null ? [] : [{ ...base, act: "write", why: "attribute", ...says }];
}

/** By a descriptor that is open to write already. What is immutable is refused all the same. */
function hasItOpen({ user, what, why }: Refusal, { holders }: AccessFacts): boolean {
  return (
    why !== "attribute" &&
    holders.some(({ pid, writes }) => user.pids.includes(pid) && writes.some((role) => role === what))
  );
}

function ofFolder(folder: TriedFolder, user: TriedUser): Refusal[] {
  const { newFile: refused, rights } = folder;
  if (!isRefused(refused)) return [];
  const base = { user, what: "folder", ...pick(folder), act: "make-files" } as const;
  if (refused === "EDQUOT") return [{ ...base, why: "quota", ...CANTOPEN }];
  if (refused === "ENOSPC") return [{ ...base, why: "no-inode", ...CANTOPEN }];
  if (refused === "EPERM") return [{ ...base, why: "attribute", ...CANTOPEN }];
  return [{ ...base, why: whyOf(refused, rights, user, 0o3), ...READONLY_DIRECTORY }];
}

/** In a folder such as /tmp only the owner of a file, or of the folder, may delete it. Source: unlink(2), EPERM */
function undeletable({ path, rights }: TriedFile, folder: TriedFolder | null, user: TriedUser): Refusal[] {
  const sticky = folder?.rights !== undefined && folder.rights !== null && (folder.rights.mode & 0o1000) !== 0;
  if (!sticky || rights === null || user.uid === 0) return [];
  if (rights.uid === user.uid || folder.rights?.uid === user.uid) return [];
  return [{ user, what: "journal", path, act: "delete", rights, why: "sticky", ...IOERR_DELETE }];
}

/** The database is on another mount where that process is: a volume that its container has read-only. */
function onHoldersMount({ user, closed, files }: Tried, { holders }: AccessFacts): Refusal[] {
  const database = files.find(({ role }) => role === "database");
  const there = holders.some(({ pid, readOnlyMount }) => readOnlyMount && user.pids.includes(pid));
  if (closed !== null || database === undefined || !there) return [];
  const { path, rights } = database;
  return [{ user, what: "database", path, act: "write", rights, why: "holders-mount", ...READONLY }];
}

/** A missing file is no refusal: it is created again. */
function isRefused(refused: Refused): refused is string {
  return refused !== null && refused !== "ENOENT";
}

function whyOf(refused: string, rights: Rights | null, user: TriedUser, needed: number): RefusalWhy {
  if (refused === "EPERM") return "attribute";
  return rights !== null && allowsByMode(rights, user, needed) ? "other-control" : "mode";
}

/** By the bits alone. Which groups the user is in does not matter where the group and all others have the right. */
function allowsByMode({ mode, uid }: Rights, user: TriedUser, needed: number): boolean {
  const has = (bits: number) => (bits & needed) === needed;
  if (user.uid === 0) return true;
  return uid === user.uid ? has(mode >> 6) : has(mode >> 3) && has(mode);
}

function pick({ path, rights }: TriedFolder) {
  return { path, rights };
}
