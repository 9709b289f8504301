/**
 * The descriptors of one process on the files of the targets, as lsof lists them. A file is recognised by device and
 * inode, a deleted one by its name.
 */
import type { BigIntStats } from "node:fs";
import type { OpenFile } from "../../../lsof/fields.ts";
import { interpretationsOf } from "../../../lsof/names.ts";
import type { HandleSeen, Target } from "../../../model/snapshot.ts";
import { roleOfPath } from "../../../sqlite/roles.ts";
import { inodeOf, statIfPresent } from "../../identify.ts";
import { DELETED_SUFFIX, type TargetFile, type TargetIndex } from "../../target-index.ts";

interface Candidate {
  readonly file: OpenFile;
  /** `device:inode`. */
  readonly identity: string;
  /** Without " (deleted)". */
  readonly path: string;
  readonly deleted: boolean;
  readonly targetFiles: readonly TargetFile[];
}

/**
 * By target, without targets that have no handle. A file that was moved while it was open is not found: only its locks
 * would show it.
 */
export function handlesByLsof(
  files: readonly OpenFile[],
  targets: readonly Target[],
  index: TargetIndex,
): Map<Target, HandleSeen[]> {
  const found = new Map<Target, HandleSeen[]>();
  if (!files.some((file) => isTargetFile(file, index))) return found;
  const candidates = files.flatMap((file) => candidateOf(file, index) ?? []);
  for (const target of targets) {
    const handles = handlesOnTarget(candidates, target);
    if (handles.length > 0) found.set(target, handles);
  }
  return found;
}

function isTargetFile(file: OpenFile, index: TargetIndex): boolean {
  return index.byIdentity.has(identityOf(file)) || (mayBeDeleted(file) && deletedFiles(file, index).length > 0);
}

function identityOf({ device, inode }: OpenFile): string {
  return `${device}:${inode}`;
}

function mayBeDeleted({ links, name }: OpenFile): boolean {
  return links === 0 || name.endsWith(DELETED_SUFFIX);
}

/** Linux adds " (deleted)" to the name; on other systems only the number of links shows it. */
function deletedFiles(file: OpenFile, { deletedNames }: TargetIndex): readonly TargetFile[] {
  return interpretationsOf(file.name).flatMap(
    (name) => deletedNames.get(name) ?? deletedNames.get(name + DELETED_SUFFIX) ?? [],
  );
}

function candidateOf(file: OpenFile, index: TargetIndex): Candidate | null {
  const { path, deleted } = locate(file, index);
  if (!path.startsWith("/")) return null; // a socket, a pipe
  const identity = identityOf(file);
  return {
    file,
    identity,
    path,
    deleted,
    targetFiles: index.byIdentity.get(identity) ?? (mayBeDeleted(file) ? deletedFiles(file, index) : []),
  };
}

/**
 * The interpretation of its name under which the file now exists. For a file that lost its name: one that a target's
 * file had, or else the likeliest.
 */
function locate(file: OpenFile, { deletedNames }: TargetIndex): { path: string; deleted: boolean } {
  const names = interpretationsOf(file.name);
  const present = file.links === 0 ? undefined : names.find((name) => isSameFile(file, statIfPresent(name)));
  if (present !== undefined) return { path: present, deleted: false };
  const name =
    names.find((each) => deletedNames.has(each) || deletedNames.has(each + DELETED_SUFFIX)) ?? names[0] ?? "";
  const path = name.endsWith(DELETED_SUFFIX) ? name.slice(0, -DELETED_SUFFIX.length) : name;
  return { path, deleted: file.links === 0 || (path !== name && !isSameFile(file, statIfPresent(path))) };
}

function isSameFile(file: OpenFile, now: BigIntStats | undefined): boolean {
  return now !== undefined && now.dev === file.device && inodeOf(now) === file.inode;
}

function handlesOnTarget(candidates: readonly Candidate[], target: Target): HandleSeen[] {
  const roleByIdentity = ({ targetFiles }: Candidate) => targetFiles.find((each) => each.target === target)?.role;
  // Companion files lie beside the name by which the process opened the database, which may be another than ours.
  const names = new Set([
    target.path,
    ...candidates.filter((each) => roleByIdentity(each) === "database").map((each) => each.path),
  ]);
  const roleByName = (candidate: Candidate) => {
    const roles = [...names].flatMap((name) => roleOfPath(name, candidate.path) ?? []);
    return roles.find((role) => role !== "database" || candidate.deleted);
  };
  return candidates
    .flatMap((candidate) => {
      const role = roleByIdentity(candidate) ?? roleByName(candidate);
      return role === undefined ? [] : [toHandle(candidate, role)];
    })
    .sort((a, b) => a.fd - b.fd);
}

function toHandle({ file, identity, path, deleted }: Candidate, role: HandleSeen["role"]): HandleSeen {
  const info =
    file.access === null ? null : { access: file.access, noFollow: null, mountId: 0, inode: file.inode, locks: [] };
  return { fd: file.fd, role, path, info, lockLetter: file.lock, deleted, moved: false, file: identity };
}
