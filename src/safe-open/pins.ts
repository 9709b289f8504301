/** Pins the files of a database as a look found them, and finds out who is to open them. */
import { lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseReport } from "../model/report.ts";
import { ownerIn } from "../observe/path-walk.ts";
import { isDescriptorPath } from "../proc/descriptor-path.ts";
import { mountOfPath, readMountinfo } from "../proc/mountinfo.ts";
import { valueOr } from "../proc/read.ts";
import { COMPANIONS } from "../sqlite/roles.ts";
import { mayRead } from "../user/access.ts";
import { foldersTo } from "../user/folders.ts";
import type { FolderRights } from "../user/intruder.ts";
import { isolatedUser, isRootOverOthers } from "../user/isolated.ts";
import { type User, userOf } from "../user/user.ts";
import type { Pin } from "../worker/pin.ts";
import { type Actor, actorOf, type OwnedFiles, writerOf } from "./actor.ts";

/** Null: a name leads to another file than the look found, or to none. */
export function pinFiles({
  path,
  files,
  descriptor,
}: Pick<DatabaseReport, "path" | "files" | "descriptor">): Pin[] | null {
  const pins: Pin[] = [];
  for (const { role, suffix } of [{ role: "database", suffix: "" }, ...COMPANIONS]) {
    const file = files.find((each) => each.role === role);
    if (file === undefined) continue;
    const pin = pinFile(descriptor === undefined ? path + suffix : file.path, suffix);
    if (pin === null || pin.inode !== file.inode) {
      if (suffix === "") return null;
      continue; // a companion may come and go with every transaction
    }
    pins.push(pin);
  }
  return pins;
}

export function pinFile(path: string, suffix: string): Pin | null {
  try {
    const stats = isDescriptorPath(path) ? statSync(path, { bigint: true }) : lstatSync(path, { bigint: true });
    if (!stats.isFile()) return null;
    const { dev: device, ino: inode, uid, gid, nlink } = stats;
    return {
      suffix,
      path,
      device,
      inode: BigInt.asUintN(64, inode),
      uid: Number(uid),
      gid: Number(gid),
      links: Number(nlink),
    };
  } catch {
    return null;
  }
}

/** Who opens it. `user` null: this process itself. */
export type Opener =
  | {
      readonly kind: "opener";
      readonly actor: Actor;
      readonly user: User | null;
      /** Everybody may read the files, and so may an isolated user: no copy by root is needed. */
      readonly readsInPlace?: boolean;
    }
  /** No user can be taken: a container without the right to (CAP_SETUID), or with few users. */
  | { readonly kind: "no-user"; readonly actor: Actor };

/** `write`: it is changed, or files are made beside it. Null where a folder on the path is gone by now. */
export function openerOf(pins: readonly Pin[], purpose: "read" | "write"): Opener | null {
  const caller: Opener = { kind: "opener", actor: { kind: "caller" }, user: null };
  const [database, ...companions] = pins;
  if (!isRootOverOthers() || database === undefined) return caller;
  const folders = foldersIfPresent(dirname(database.path));
  if (folders === null) return null;
  // In a file system of a user's own, that user's program says whose the files are.
  const mounts = valueOr(readMountinfo("/proc/self"), []);
  const ownerAt = (path: string, uid: number) => ownerIn(mountOfPath(mounts, path) ?? undefined, uid);
  const files: OwnedFiles = {
    uid: ownerAt(database.path, database.uid),
    companionUids: companions.map(({ path, uid }) => ownerAt(path, uid)),
    folders: folders.map((folder) => ({ ...folder, uid: ownerAt(folder.path, folder.uid) })),
  };
  const actor = actorOf(files);
  if (actor.kind === "caller") return caller;
  if (actor.kind === "isolated") return isolated(actor, pins);
  const user = userOf(actor.uid);
  const writer = purpose === "write" ? writerOf(actor, user, files.folders) : actor;
  if (writer.kind === "isolated") return isolated(writer, pins);
  try {
    const denied = pins.find(({ path }) => !mayRead(path, user));
    if (denied === undefined) return { kind: "opener", actor, user };
    return isolated({ kind: "isolated", why: { kind: "out-of-reach", uid: actor.uid, path: denied.path } }, pins);
  } catch (error) {
    if (!["EPERM", "EINVAL"].includes(String((error as NodeJS.ErrnoException).code))) throw error;
    return { kind: "no-user", actor };
  }
}

function foldersIfPresent(folder: string): FolderRights[] | null {
  try {
    return foldersTo(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}

function isolated(actor: Actor, pins: readonly Pin[]): Opener {
  const user = isolatedUser();
  if (user === null) return { kind: "no-user", actor };
  return { kind: "opener", actor, user, readsInPlace: pins.every(({ path }) => mayRead(path, user)) };
}
