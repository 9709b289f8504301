/** What this process is permitted to do with a file. */
import { accessSync } from "node:fs";

/** `mode`: R_OK, W_OK, X_OK of access(2). True for a file that is gone: opening it then reports that. */
export function hasAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
