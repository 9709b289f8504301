/** The programs in Rust: those of who-holds are built together, the one of test/record by itself. */
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { has, need } from "../../support/skip.ts";
import { fetched, run } from "../cache.ts";
import { versionOf } from "../toolchain.ts";

const HERE = import.meta.dirname;
const PINS = "crates.lock";

export const PROGRAMS = ["rusqlite", "sqlx", "diesel"] as const;
/** What settings do that are advised. */
const SETTINGS = ["settings-rusqlite", "settings-sqlx"] as const;
const ALL = [...PROGRAMS, ...SETTINGS];

/** The first that is asked for has all of them built: a minute of two cores. */
export async function program(context: TestContext, name: (typeof ALL)[number]): Promise<string> {
  const sources = ["src/lib.rs", ...ALL.map((each) => `src/bin/${each}.rs`)];
  const folder = await built(context, "rust", HERE, sources, async (cwd, to) => {
    await run(["nice", "cargo", "build", "--locked", "--quiet"], { cwd });
    for (const each of ALL) renameSync(join(cwd, "target", "debug", each), join(to, each));
  });
  return join(folder, name);
}

/**
 * The program of test/record as most users build it, with its symbols; and stripped, as `strip = true` in a profile
 * leaves it.
 */
export async function script(context: TestContext, name: "script" | "script-stripped"): Promise<string> {
  need(context, has("strip"), "strip (binutils)");
  const from = join(HERE, "script");
  const folder = await built(context, "rust-script", from, ["src/main.rs"], async (cwd, to) => {
    await run(["nice", "cargo", "build", "--release", "--locked", "--quiet"], { cwd });
    renameSync(join(cwd, "target/release/sqlock-test-script"), join(to, "script"));
    await run(["strip", "--strip-all", "-o", "script-stripped", "script"], { cwd: to });
  });
  return join(folder, name);
}

async function built(
  context: TestContext,
  name: string,
  from: string,
  sources: readonly string[],
  build: (cwd: string, to: string) => Promise<void>,
): Promise<string> {
  const version = await versionOf(context, { name: "Rust", command: ["cargo", "--version"], atLeast: [1, 94] });
  need(context, has("cc"), "cc (for SQLite itself)");
  return fetched(context, {
    name,
    pins: ["Cargo.toml", PINS, ...sources].map((file) => join(from, file)),
    key: [version],
    make: async (folder) => {
      const cwd = join(folder, "build");
      for (const file of ["Cargo.toml", "src"]) cpSync(join(from, file), join(cwd, file), { recursive: true });
      await run(["cargo", "generate-lockfile", "--quiet"], { cwd });
      const lock = join(cwd, "Cargo.lock");
      writeFileSync(lock, withSource(readFileSync(join(from, PINS), "utf8"), readFileSync(lock, "utf8")));
      await build(cwd, folder);
      rmSync(cwd, { recursive: true }); // 250 MB
    },
  });
}

/** The pins, each with the registry that cargo has put into a lock file of its own. */
function withSource(pins: string, lock: string): string {
  const [source] = /^source = .*$/m.exec(lock) ?? [];
  if (source === undefined) throw new Error("cargo names no registry");
  return pins.replace(/^checksum = /gm, `${source}\nchecksum = `);
}
