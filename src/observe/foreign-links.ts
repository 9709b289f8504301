/**
 * Whether the names on the way to a file are those of root or of the file's owner. Anybody else may have set a link, or
 * a hard link, that leads root to a file which is not theirs. For what changes a database or signals its holders; what
 * only looks follows every link. Pure.
 */
import { UserError } from "../errors.ts";
import { shellQuoted } from "../text/shell.ts";
import type { Link, PathWalk } from "./path-walk.ts";

/** Why root does not act through a path. */
export type ForeignLink =
  | {
      readonly kind: "link";
      readonly link: Link;
      readonly resolved: string;
      /** The resolved path leads there without any link: not so below /proc/PID/root of a container. */
      readonly direct: boolean;
      readonly owner: number;
    }
  /** In a folder in which others may have made this name of a file that is not theirs. */
  | { readonly kind: "hard-link"; readonly resolved: string; readonly owner: number; readonly names: number };

const ROOT = 0;

/** S_IWGRP and S_IWOTH of inode(7); the bits of the group are also the mask of an ACL. */
const OTHERS_WRITE = 0o022;

/**
 * The first name on the way that somebody may have made who is neither root nor the owner of the file (of its folder,
 * where there is no file). `walks`: all that led to the file, which the last one ends at. Null: root may act on it.
 */
export function foreignLinkOf(walks: readonly PathWalk[]): ForeignLink | null {
  const last = walks.at(-1);
  if (last === undefined) return null;
  const { path: resolved, file, folder } = last;
  const owner = (file ?? folder).uid;
  const isTrusted = (uid: number) => uid === ROOT || uid === owner;
  const link = walks.flatMap(({ links }) => links).find(({ uid }) => !isTrusted(uid));
  if (link !== undefined) return { kind: "link", link, resolved, direct: last.links.length === 0, owner };
  if (file === null || file.names < 2) return null;
  return isTrusted(folder.uid) && (folder.mode & OTHERS_WRITE) === 0
    ? null
    : { kind: "hard-link", resolved, owner, names: file.names };
}

/** `nameOf`: of a user, for people. */
export function foreignLinkError(found: ForeignLink, nameOf: (uid: number) => string): UserError {
  const { resolved, owner } = found;
  if (found.kind === "hard-link")
    return new UserError(
      "foreign-link",
      `${resolved} is one of ${found.names} names (hard links) of a file of ${nameOf(owner)}, in a folder where ` +
        "another user may have made it: root does not act through such a name",
      `give the path that ${nameOf(owner)} uses, or run sqlock as that user`,
    );
  const { path, uid } = found.link;
  return new UserError(
    "foreign-link",
    `${path} is a link that ${nameOf(uid)} owns, to ${resolved} of ${nameOf(owner)}: root follows a link only ` +
      "where root or the owner of its target made it",
    found.direct
      ? `if that file is meant, give its path: ${shellQuoted(resolved)}`
      : `give a path without that link, or run sqlock as ${nameOf(owner)}`,
  );
}
