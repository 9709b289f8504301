/** Python for tests that need no living process, only what SQLite leaves in its files. */
import { execFileSync } from "node:child_process";
import { pythonPath } from "./holder.ts";

/** Runs a program to its end; returns what it printed. `-S`: nothing of the machine's Python set-up runs in it. */
export function python(program: string): string {
  return execFileSync(pythonPath(), ["-S", "-c", program], { encoding: "utf8" });
}
