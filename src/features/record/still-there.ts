/** Whether a file that is being written is still where it was made: its folder can be deleted, renamed or unmounted. */
import { fstatSync, lstatSync } from "node:fs";

/** Of the path, where something on the way to it is gone. Another error (no permission, say) says nothing. */
const GONE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ESTALE"]);

/** `fd`: of the file that was made at `path`. */
export function isStillThere(fd: number, path: string): boolean {
  try {
    const own = fstatSync(fd);
    if (own.nlink === 0) return false;
    const { dev, ino } = lstatSync(path);
    return dev === own.dev && ino === own.ino;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return !GONE.has(code);
  }
}
