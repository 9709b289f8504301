/** What this process may do with a file. */
import { accessSync } from "node:fs";

/** `mode`: R_OK, W_OK, X_OK of access(2). Of a file that has gone meanwhile, yes: whoever then opens it says so. */
export function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
