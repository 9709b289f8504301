/** Programs in Python for tests of the tracer: each version of Python that this machine has. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pythonPath } from "./holder.ts";
import { runTraced, type TracedOptions, type TracedRun } from "./program-trace.ts";
import { SOAK } from "./soak.ts";
import { tempFolder } from "./temp.ts";

/**
 * Those of pyenv, where it is, and Debian's, which has a sitecustomize of its own: 3.8 and later. In `npm test` the
 * first of these, which is the oldest, and the last.
 */
export function pythons(): string[] {
  const all = allPythons().filter((path) => !isOld(path));
  return SOAK ? all : [...new Set([all[0], all.at(-1)])].flatMap((path) => path ?? []);
}

/** Those that are not traced. */
export function oldPythons(): string[] {
  return allPythons().filter(isOld);
}

function isOld(path: string): boolean {
  return /\/3\.[0-7]\.\d+\//.test(path);
}

function allPythons(): string[] {
  const folder = join(process.env["PYENV_ROOT"] ?? join(homedir(), ".pyenv"), "versions");
  const versions = existsSync(folder) ? readdirSync(folder).filter((name) => /^3\.\d+\.\d+$/.test(name)) : [];
  versions.sort((a, b) => Number(a.split(".")[1]) - Number(b.split(".")[1]));
  const all = [...versions.map((name) => join(folder, name, "bin/python")), "/usr/bin/python3", pythonPath()];
  return [...new Set(all)].filter((path) => existsSync(path));
}

export interface Program {
  readonly folder: string;
  readonly path: string;
}

/** main.py in a folder of its own, in which it runs. */
export function program(text: string): Program {
  const folder = tempFolder();
  const path = join(folder, "main.py");
  writeFileSync(path, text);
  return { folder, path };
}

/** Runs main.py with the tracer. */
export async function traced(text: string, python = pythonPath(), options: TracedOptions = {}): Promise<TracedRun> {
  const { folder, path } = program(text);
  return await runTraced([python, path], { cwd: folder, ...options });
}
