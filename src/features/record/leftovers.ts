/**
 * The second file of a recorder that was killed while it wrote it (--max-size, --force): the next recorder of the same
 * file removes it. Its name tells who made it: a process of this boot and pid namespace, so that nothing of a living
 * one is removed, be it on another machine or in a container.
 */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathExists } from "../../observe/identify.ts";
import { readText, valueOr } from "../../proc/read.ts";
import { hasEnded, type Owner, self } from "../../trace/name.ts";
import { asUser } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import { temporaryFor } from "../output/temporary.ts";

/** `.NAME.RANDOM.tmp` with the maker before its end: `.NAME.RANDOM.WORLD-PID-TICKS.tmp`. */
export function temporaryOfRecorder(path: string): string {
  const { pid, startTicks } = self();
  return temporaryFor(path).replace(/\.tmp$/, `.${world()}-${pid}-${startTicks}.tmp`);
}

/** `user`: who made it. Never throws: it only takes room. */
export function removeLeftovers(path: string, user: User | null): void {
  try {
    asUser(user, () => {
      for (const name of readdirSync(dirname(path))) {
        const file = join(dirname(path), name);
        const owner = ownerOfTemporary(name, path, world());
        if (owner !== null && isGone(owner) && lstatSync(file).isFile()) rmSync(file, { force: true });
      }
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

/** One of another user may be hidden from /proc (hidepid), and not from kill(2). */
function isGone(owner: Owner): boolean {
  if (!hasEnded(owner)) return false;
  if (pathExists(`/proc/${owner.pid}`)) return true; // another process has its number
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Null: it is not of a recorder of this file, in this world. Pure. */
export function ownerOfTemporary(name: string, path: string, here: string): Owner | null {
  const begin = basename(temporaryFor(path)).replace(/[0-9a-f]{16}\.tmp$/, "");
  if (!name.startsWith(begin)) return null;
  const [, place, pid, ticks] =
    /^[0-9a-f]{16}\.([0-9a-f]{8})-(\d{1,7})-(\d{1,20})\.tmp$/.exec(name.slice(begin.length)) ?? [];
  if (place !== here || pid === undefined || ticks === undefined) return null;
  return { pid: Number(pid), startTicks: BigInt(ticks) };
}

function world(): string {
  const boot = valueOr(readText("/proc/sys/kernel/random/boot_id"), "");
  return createHash("sha256")
    .update(`${boot} ${readlinkSync("/proc/self/ns/pid")}`)
    .digest("hex")
    .slice(0, 8);
}
