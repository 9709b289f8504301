/** Drivers of Rust. The first test builds all of them: a minute of two cores. */
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { has, need } from "../../support/skip.ts";
import { fetched, run } from "../cache.ts";
import { type Command, testDrivers } from "../matrix.ts";
import { versionOf } from "../toolchain.ts";

const HERE = import.meta.dirname;
const PROGRAMS = ["rusqlite", "sqlx", "diesel"] as const;
const PINS = "crates.lock";
const SOURCES = ["src/lib.rs", ...PROGRAMS.map((name) => `src/bin/${name}.rs`)];

testDrivers(PROGRAMS.map((name) => ({ name, command: (context) => program(context, name) })));

async function program(context: TestContext, name: (typeof PROGRAMS)[number]): Promise<Command> {
  const version = await versionOf(context, { name: "Rust", command: ["cargo", "--version"], atLeast: [1, 94] });
  need(context, has("cc"), "cc (for SQLite itself)");
  const folder = await fetched(context, {
    name: "rust",
    pins: ["Cargo.toml", PINS, ...SOURCES].map((file) => join(HERE, file)),
    key: [version],
    make: build,
  });
  return { argv: [join(folder, name)] };
}

async function build(folder: string): Promise<void> {
  const cwd = join(folder, "build");
  for (const file of ["Cargo.toml", "src"]) cpSync(join(HERE, file), join(cwd, file), { recursive: true });
  await run(["cargo", "generate-lockfile", "--quiet"], { cwd });
  const lock = join(cwd, "Cargo.lock");
  writeFileSync(lock, withSource(readFileSync(join(HERE, PINS), "utf8"), readFileSync(lock, "utf8")));
  await run(["nice", "cargo", "build", "--locked", "--quiet"], { cwd });
  for (const name of PROGRAMS) renameSync(join(cwd, "target", "debug", name), join(folder, name));
  rmSync(cwd, { recursive: true }); // 250 MB
}

/** The pins, each with the registry that cargo has put into a lock file of its own. */
function withSource(pins: string, lock: string): string {
  const [source] = /^source = .*$/m.exec(lock) ?? [];
  if (source === undefined) throw new Error("cargo names no registry");
  return pins.replace(/^checksum = /gm, `${source}\nchecksum = `);
}
