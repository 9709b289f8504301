/**
 * Python for tests that need no living process, only what SQLite leaves in its files; and a Python that has libraries.
 */
import { execFileSync } from "node:child_process";
import type { TestContext } from "vitest";
import { MALLORY } from "./attacker.ts";
import { pythonOf } from "./hold.ts";
import { pythonPath } from "./holder.ts";
import { ALL_REQUIRED, hasModules, missing, PYTHON_PACKAGES } from "./programs.ts";
import { need } from "./skip.ts";

/** Runs a program to its end; returns what it printed. `-S`: nothing of the machine's Python set-up runs in it. */
export function python(program: string): string {
  return execFileSync(pythonPath(), ["-S", "-c", program], { encoding: "utf8" });
}

/** A Python that has all these modules: the machine's own, or Debian's. The test is skipped where there is none. */
export function pythonWith(context: TestContext, ...modules: readonly string[]): string {
  const packages = modules.flatMap((module) => PYTHON_PACKAGES[module] ?? []).join(" ");
  const found = [pythonPath(), "/usr/bin/python3"].find((path) => hasModules(path, modules));
  if (found === undefined && ALL_REQUIRED) throw missing(`a Python with ${modules.join(", ")}`, packages);
  need(context, found !== undefined, packages);
  return found ?? "";
}

/** The same for the ordinary user of the tests, who may not run the caller's own. */
export function pythonOfUserWith(context: TestContext, ...modules: readonly string[]): string {
  const packages = modules.flatMap((module) => PYTHON_PACKAGES[module] ?? []).join(" ");
  const found = [pythonOf(MALLORY), "/usr/bin/python3"].find((path) => hasModules(path, modules));
  if (found === undefined && ALL_REQUIRED) throw missing(`a Python with ${modules.join(", ")}`, packages);
  need(context, found !== undefined, packages);
  return found ?? "";
}
