/**
 * Python for tests that need no living process, only what SQLite leaves in its files; and a Python that has libraries.
 */
import { execFileSync } from "node:child_process";
import type { TestContext } from "vitest";
import { pythonPath } from "./holder.ts";
import { need } from "./skip.ts";

/** Runs a program to its end; returns what it printed. `-S`: nothing of the machine's Python set-up runs in it. */
export function python(program: string): string {
  return execFileSync(pythonPath(), ["-S", "-c", program], { encoding: "utf8" });
}

/**
 * A Python that has all these modules; the test is skipped where there is none. Debian's own has its packages, whatever
 * `python3` may be.
 */
export function pythonWith(context: TestContext, ...modules: readonly string[]): string {
  const found = [pythonPath(), "/usr/bin/python3"].find((path) => hasModules(path, modules));
  need(context, found !== undefined, modules.map((module) => `python3-${module}`).join(" "));
  return found ?? "";
}

function hasModules(path: string, modules: readonly string[]): boolean {
  try {
    execFileSync(path, ["-c", `import ${modules.join(", ")}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
