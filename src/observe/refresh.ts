/** A target again, a moment later. */
import { statSync } from "node:fs";
import type { Target } from "../model/snapshot.ts";
import type { Mount } from "../proc/mountinfo.ts";
import { failure } from "../proc/read.ts";
import { COMPANIONS } from "../sqlite/roles.ts";
import { identify, inodeOf } from "./identify.ts";
import { describeTarget } from "./target.ts";

/** The target as it is now; the same object where its files are the same. */
export function refresh(target: Target, mounts: readonly Mount[]): Target {
  const database = target.files.find((file) => file.role === "database");
  const files = [{ role: "database", suffix: "" }, ...COMPANIONS];
  const same = files.every(({ role, suffix }) => {
    const file = target.files.find((each) => each.role === role);
    const now = statOf(target.path + suffix);
    return now === undefined ? file === undefined : inodeOf(now) === file?.inode && now.size === file.sizeBytes;
  });
  if (same) return target;
  const found = identify(target.path);
  if (found.kind === "ok" && found.value.stats.isFile())
    return describeTarget(target.givenAs, target.path, found.value, mounts);
  return database === undefined ? target : { ...target, files: [] };
}

/** Undefined where nothing lies there, or it may not be asked. */
export function statOf(path: string) {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    failure(error);
    return undefined;
  }
}
