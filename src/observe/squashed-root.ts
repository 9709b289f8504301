/**
 * Where root has no rights of its own (NFS with root_squash, a container without CAP_DAC_OVERRIDE), what root may not
 * look at is looked at as its owner.
 */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../errors.ts";
import { type Mount, mounterOf } from "../proc/mountinfo.ts";
import type { User } from "../user/user.ts";
import { mountThatMayHang } from "./real-path.ts";

/** Null where this process is not root's, or nobody else can be taken. Loaded only then: it starts getent(1). */
export async function ownerIfRootMayNot(uid: number): Promise<User | null> {
  if (process.geteuid?.() !== 0 || uid === 0) return null;
  const { userOf } = await import("../user/user.ts");
  return userOf(uid);
}

/**
 * As whom a path is looked at that is denied to this process: the owner of the last part of it that can be seen.
 * Null where that would change nothing. @throws UserError for a FUSE file system that is closed to root: there the
 * kernel compares the real user too, which root cannot change and come back
 */
export async function userForDenied(path: string, mounts: readonly Mount[]): Promise<User | null> {
  const mount = mountThatMayHang(path, mounts);
  const only = mount === null || mount === "too-long" ? null : onlyUserOf(mount);
  if (mount !== null && mount !== "too-long" && only !== null)
    throw new UserError(
      "permission-denied",
      `no permission to inspect ${path}: the ${mount.type} file system at ${mount.mountPoint} answers to user ` +
        `${only} alone`,
      "run sqlock as that user: no other user can have its files open",
    );
  for (let place = path; ; place = dirname(place)) {
    try {
      return await ownerIfRootMayNot(statSync(place).uid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      if (place === dirname(place)) return null;
    }
  }
}

/** The one user that may use a FUSE mount; null where others may, too. Source: fuse(4), fuse_allow_current_process */
export function onlyUserOf(mount: Pick<Mount, "type" | "superOptions">): number | null {
  return mount.superOptions.split(",").includes("allow_other") ? null : mounterOf(mount);
}
