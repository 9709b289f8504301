/** Drivers of Rust. The first test builds all of them: a minute of two cores. */
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { has, need } from "../../support/skip.ts";
import { fetched, run } from "../cache.ts";
import { type Command, testDrivers } from "../matrix.ts";
import { versionOf } from "../toolchain.ts";

const HERE = import.meta.dirname;
const PROGRAMS = ["rusqlite", "sqlx", "diesel"] as const;
const SOURCES = ["src/lib.rs", ...PROGRAMS.map((name) => `src/bin/${name}.rs`)];

testDrivers(PROGRAMS.map((name) => ({ name, command: (context) => program(context, name) })));

async function program(context: TestContext, name: (typeof PROGRAMS)[number]): Promise<Command> {
  const version = await versionOf(context, { name: "Rust", command: ["cargo", "--version"], atLeast: [1, 94] });
  need(context, has("cc"), "cc (for SQLite itself)");
  const folder = await fetched(context, {
    name: "rust",
    pins: ["Cargo.toml", "Cargo.lock", ...SOURCES].map((file) => join(HERE, file)),
    key: [version],
    make: build,
  });
  return { argv: [join(folder, name)] };
}

async function build(folder: string): Promise<void> {
  const target = join(folder, "target");
  mkdirSync(target);
  await run(["nice", "cargo", "build", "--locked", "--quiet", "--target-dir", target], { cwd: HERE });
  for (const name of PROGRAMS) renameSync(join(target, "debug", name), join(folder, name));
  rmSync(target, { recursive: true }); // 250 MB
}
