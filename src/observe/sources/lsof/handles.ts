/**
 * The descriptors of one process on the files of the targets, as lsof lists them: by device and inode, and by the names
 * of deleted files.
 */
import type { BigIntStats } from "node:fs";
import type { OpenFile } from "../../../lsof/fields.ts";
import { readingsOf } from "../../../lsof/names.ts";
import type { HandleSeen, Target } from "../../../model/snapshot.ts";
import { roleOfPath } from "../../../sqlite/roles.ts";
import { inodeOf } from "../../identify.ts";
import { statOf } from "../../refresh.ts";
import { DELETED_SUFFIX, type Wanted, type WantedFile } from "../../wanted.ts";

interface Candidate {
  readonly file: OpenFile;
  /** `device:inode`. */
  readonly identity: string;
  /** Without " (deleted)". */
  readonly path: string;
  readonly deleted: boolean;
  readonly wanted: readonly WantedFile[];
}

/**
 * By target; none that has no handle. What was moved away under its process is not found: it shows by its locks alone.
 */
export function handlesByLsof(
  files: readonly OpenFile[],
  targets: readonly Target[],
  wanted: Wanted,
): Map<Target, HandleSeen[]> {
  const found = new Map<Target, HandleSeen[]>();
  if (!files.some((file) => isWanted(file, wanted))) return found;
  const candidates = files.flatMap((file) => candidateOf(file, wanted) ?? []);
  for (const target of targets) {
    const handles = handlesOnTarget(candidates, target);
    if (handles.length > 0) found.set(target, handles);
  }
  return found;
}

function isWanted(file: OpenFile, wanted: Wanted): boolean {
  return wanted.byIdentity.has(identityOf(file)) || (mayBeDeleted(file) && deletedFiles(file, wanted).length > 0);
}

function identityOf({ device, inode }: OpenFile): string {
  return `${device}:${inode}`;
}

function mayBeDeleted({ links, name }: OpenFile): boolean {
  return links === 0 || name.endsWith(DELETED_SUFFIX);
}

/** Linux adds " (deleted)" to the name; elsewhere the number of links is all that says it. */
function deletedFiles(file: OpenFile, { deletedNames }: Wanted): readonly WantedFile[] {
  return readingsOf(file.name).flatMap(
    (name) => deletedNames.get(name) ?? deletedNames.get(name + DELETED_SUFFIX) ?? [],
  );
}

function candidateOf(file: OpenFile, wanted: Wanted): Candidate | null {
  const { path, deleted } = lookUp(file, wanted);
  if (!path.startsWith("/")) return null; // a socket, a pipe
  const identity = identityOf(file);
  return {
    file,
    identity,
    path,
    deleted,
    wanted: wanted.byIdentity.get(identity) ?? (mayBeDeleted(file) ? deletedFiles(file, wanted) : []),
  };
}

/**
 * The reading of its name under which it lies there now; else, of a file that lost its name, one that is wanted, or the
 * likeliest.
 */
function lookUp(file: OpenFile, { deletedNames }: Wanted): { path: string; deleted: boolean } {
  const names = readingsOf(file.name);
  const there = file.links === 0 ? undefined : names.find((name) => isThere(file, statOf(name)));
  if (there !== undefined) return { path: there, deleted: false };
  const name =
    names.find((each) => deletedNames.has(each) || deletedNames.has(each + DELETED_SUFFIX)) ?? names[0] ?? "";
  const path = name.endsWith(DELETED_SUFFIX) ? name.slice(0, -DELETED_SUFFIX.length) : name;
  return { path, deleted: file.links === 0 || (path !== name && !isThere(file, statOf(path))) };
}

function isThere(file: OpenFile, now: BigIntStats | undefined): boolean {
  return now !== undefined && now.dev === file.device && inodeOf(now) === file.inode;
}

function handlesOnTarget(candidates: readonly Candidate[], target: Target): HandleSeen[] {
  const roleHere = ({ wanted }: Candidate) => wanted.find((each) => each.target === target)?.role;
  // Companion files lie beside the name by which the process opened the database, which may be another than ours.
  const names = new Set([
    target.path,
    ...candidates.filter((each) => roleHere(each) === "database").map((each) => each.path),
  ]);
  const byName = (candidate: Candidate) => {
    const roles = [...names].flatMap((name) => roleOfPath(name, candidate.path) ?? []);
    return roles.find((role) => role !== "database" || candidate.deleted);
  };
  return candidates
    .flatMap((candidate) => {
      const role = roleHere(candidate) ?? byName(candidate);
      return role === undefined ? [] : [toHandle(candidate, role)];
    })
    .sort((a, b) => a.fd - b.fd);
}

function toHandle({ file, identity, path, deleted }: Candidate, role: HandleSeen["role"]): HandleSeen {
  const info = file.access === null ? null : { access: file.access, mountId: 0, inode: file.inode, locks: [] };
  return { fd: file.fd, role, path, info, lockLetter: file.lock, deleted, moved: false, file: identity };
}
