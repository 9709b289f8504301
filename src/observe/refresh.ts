/** Whether the files of a target have changed since it was described. */
import type { Target } from "../model/snapshot.ts";
import type { Mount } from "../proc/mountinfo.ts";
import { COMPANIONS } from "../sqlite/roles.ts";
import { describeDescriptor } from "./deleted-descriptor.ts";
import { identify, inodeOf, statIfPresent } from "./identify.ts";
import { refreshViews } from "./other-views.ts";
import { describeTarget } from "./target.ts";

function viewsNow(target: Target): Pick<Target, "views" | "unreachedViews" | "unreadMounts"> {
  const { views, unreachedViews, unreadMounts } = target;
  return {
    ...(views === undefined ? {} : { views: refreshViews(views) }),
    ...(unreachedViews === undefined ? {} : { unreachedViews }),
    ...(unreadMounts === undefined ? {} : { unreadMounts }),
  };
}

/** The target with its present files; the same object where they have not changed. */
export function refresh(target: Target, mounts: readonly Mount[]): Target {
  if (target.descriptor !== undefined)
    return describeDescriptor(target.givenAs, target.descriptor, target.path, mounts) ?? { ...target, files: [] };
  const database = target.files.find((file) => file.role === "database");
  const files = [{ role: "database", suffix: "" }, ...COMPANIONS];
  const unchanged = files.every(({ role, suffix }) => {
    const file = target.files.find((each) => each.role === role);
    const now = statIfPresent(target.path + suffix, target.lookAs);
    if (now === undefined || !now.isFile()) {
      const odd = target.oddCompanions.some((each) => each.role === role);
      return file === undefined && odd === (now !== undefined);
    }
    return inodeOf(now) === file?.inode && now.size === file.sizeBytes;
  });
  if (unchanged) return target;
  const found = identify(target.path, { user: target.lookAs });
  if (found.kind === "ok" && found.value.stats.isFile())
    return { ...describeTarget(target.givenAs, target.path, found.value, mounts, target.lookAs), ...viewsNow(target) };
  return database === undefined ? target : { ...target, files: [] };
}
