/**
 * The second file of a recorder that was killed while it wrote it (--max-size, --force): the next recorder of the same
 * file removes it. Its name tells who made it (maker.ts).
 */
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Owner } from "../../trace/name.ts";
import { asUser } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import { temporaryFor } from "../output/temporary.ts";
import { isGone, makerOf, makerTag, world } from "./maker.ts";

/** `.NAME.RANDOM.tmp` with the maker before its end: `.NAME.RANDOM.WORLD-PID-TICKS.tmp`. */
export function temporaryOfRecorder(path: string): string {
  return temporaryFor(path).replace(/\.tmp$/, `.${makerTag()}.tmp`);
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

/** Null: it is not of a recorder of this file, in this world. Pure. */
export function ownerOfTemporary(name: string, path: string, here: string): Owner | null {
  const begin = basename(temporaryFor(path)).replace(/[0-9a-f]{16}\.tmp$/, "");
  if (!name.startsWith(begin)) return null;
  const tag = /^[0-9a-f]{16}\.([0-9a-f-]+)\.tmp$/.exec(name.slice(begin.length))?.[1];
  return tag === undefined ? null : makerOf(tag, here);
}
