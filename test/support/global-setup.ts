/** What the system tests share: a home folder, the real Python, and a copy of the program for every user. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestProject } from "vitest/node";
import { BIN } from "./bin.ts";
import { isolateHome } from "./environment.ts";
import { ALL_REQUIRED, has, PACKAGES } from "./programs.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** A copy of the built program that every user may read: only its owner may enter the checkout's folder. */
    readonly openBin: string;
  }
}

/** What the workers load: better-sqlite3 without the sources of SQLite. */
const NEEDED = ["lib", "package.json", "build/Release/better_sqlite3.node"]
  .map((part) => `better-sqlite3/${part}`)
  .concat("bindings", "file-uri-to-path")
  .map((part) => join("node_modules", part));

/** Descriptors that a process of the tests may need. */
const MIN_OPEN_FILES = 1024;

export default function setup(project: TestProject): () => void {
  const allowed = Number(/^Max open files +\d+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? "NaN");
  if (allowed < MIN_OPEN_FILES)
    throw new Error(`${allowed} open files are allowed (ulimit -Hn), and the tests need ${MIN_OPEN_FILES}`);
  if (ALL_REQUIRED) for (const program of Object.keys(PACKAGES)) has(program);
  const root = dirname(dirname(BIN));
  const folder = mkdtempSync(join(tmpdir(), "sqlock-tests-"));
  for (const part of ["bin", "dist", ...NEEDED]) cpSync(join(root, part), join(folder, part), { recursive: true });
  isolateHome(folder);
  execFileSync("chmod", ["-R", "a+rX", folder]);
  project.provide("openBin", join(folder, "bin/sqlock.js"));
  const unmount = mountTracefs();
  return () => {
    unmount();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Where root finds it on most machines; systemd mounts it when somebody looks. @returns what undoes that */
function mountTracefs(): () => void {
  const place = "/sys/kernel/tracing";
  if (existsSync(join(place, "events")) || spawnSync("mount", ["-t", "tracefs", "tracefs", place]).status !== 0)
    return () => undefined;
  return () => void spawnSync("umount", [place]);
}
