/**
 * Frozen cgroups: their processes do not run until they are thawed (docker pause, systemctl freeze). Source:
 * cgroups(7); Documentation/admin-guide/cgroup-v2.rst (cgroup.freeze), cgroup-v1/freezer-subsystem.rst.
 */
import { dirname } from "node:path";
import type { Mount } from "./mountinfo.ts";
import { readText, valueOr } from "./read.ts";

export interface FrozenCgroup {
  /** The folder of the cgroup that was told to freeze: that of the process, or one above. */
  readonly path: string;
  /**
   * With version 2 a fatal signal ends a frozen process, and one that it handles waits; with version 1 every signal
   * waits, SIGKILL too. The state is then disk-sleep, with version 2 it is sleeping.
   */
  readonly version: 1 | 2;
}

/** Where the files of a process's cgroups are, which tell whether they are frozen. `text`: /proc/PID/cgroup. Pure. */
export function freezerFolders(
  text: string,
  mounts: readonly Pick<Mount, "type" | "mountPoint" | "superOptions">[],
): FrozenCgroup[] {
  return text.split("\n").flatMap((line): FrozenCgroup[] => {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    // the root is never frozen; one outside of this cgroup namespace has no folder here
    if (path === "" || path === "/" || path.split("/").includes("..")) return [];
    const version = controllers === "" ? 2 : controllers.split(",").includes("freezer") ? 1 : null;
    if (version === null) return [];
    const mount = mounts.find(({ type, superOptions }) =>
      version === 2 ? type === "cgroup2" : type === "cgroup" && superOptions.split(",").includes("freezer"),
    );
    return mount === undefined ? [] : [{ path: `${mount.mountPoint}${path}`, version }];
  });
}

/** The nearest cgroup that was told to freeze, where the process is frozen; null where it is not, or cannot be told. */
export function readFrozenCgroup(
  directory: string,
  mounts: readonly Pick<Mount, "type" | "mountPoint" | "superOptions">[],
): FrozenCgroup | null {
  for (const { path, version } of freezerFolders(valueOr(readText(`${directory}/cgroup`), ""), mounts)) {
    const isFrozen =
      version === 2
        ? /^frozen 1$/m.test(valueOr(readText(`${path}/cgroup.events`), ""))
        : valueOr(readText(`${path}/freezer.state`), "").trim() === "FROZEN";
    if (isFrozen) return { path: toldToFreeze(path, version), version };
  }
  return null;
}

function toldToFreeze(path: string, version: 1 | 2): string {
  const file = version === 2 ? "cgroup.freeze" : "freezer.self_freezing";
  for (let at = path; at !== "/"; at = dirname(at)) {
    const told = readText(`${at}/${file}`);
    if (told.kind !== "ok") break; // the root has no such file
    if (told.value.trim() === "1") return at;
  }
  return path;
}
