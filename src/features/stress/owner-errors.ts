/** Run by root: why the owner of a database cannot run the load. Pure. */
import { UserError } from "../../errors.ts";
import type { IsolationReason } from "../../safe-open/actor.ts";

/** Root does not run the load on it, and its owner cannot. */
export function isolatedError(path: string, why: IsolationReason): UserError {
  const hint = "copy it to a folder of its owner, and run the load there";
  if (why.kind === "out-of-reach")
    return new UserError("no-permission", `uid ${why.uid}, which owns ${path}, cannot read ${why.path}`, hint);
  const { folder } = why.intruder;
  const whose = why.uid === 0 ? "root's" : `uid ${why.uid}'s`;
  return new UserError(
    "no-permission",
    `${path} is ${whose}, in a folder that others can change (${folder}): sqlock does not run a load there as root`,
    why.uid === 0
      ? "run it as a user that can write to it, or on a copy in a folder of root"
      : `run it as that user (sudo -u '#${why.uid}'), or on a copy (without --in-place)`,
  );
}

/** Node.js or sqlock is where the owner of the database may not read. */
export function cannotRunError(path: string, uid: number, missing: string): UserError {
  const hint = "install both where all users can read them";
  return new UserError("no-permission", `uid ${uid}, which owns ${path}, cannot read ${missing}`, hint);
}

/** `option`: the one that names another folder. `uid`: of the user that must write to it; null: the caller. */
export function noFolderError(why: string, option: "--dir" | "TMPDIR", uid: number | null): UserError {
  const hint = `${option === "--dir" ? "choose a folder with --dir" : "set TMPDIR to a folder"} that`;
  const who =
    uid === null
      ? "you can write to"
      : `uid ${uid}, which the load runs as, can write to, and no other user (/var/tmp will do)`;
  return new UserError("cannot-write", why, `${hint} ${who}`);
}
