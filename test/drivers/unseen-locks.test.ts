/** Real programs that lock otherwise than SQLite by default: what is said while they write, and while they are idle. */
import { copyFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { bytesOfFolder, journalMode } from "../support/journal-mode.ts";
import { type Program, startProgram } from "../support/program.ts";
import { has, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { findingIds, lookAt, sqlock } from "../support/sqlock.ts";
import { fetched, run } from "./cache.ts";
import { withPackages } from "./npm/install.ts";

interface Scheme {
  readonly argv: (context: TestContext) => Promise<readonly [readonly string[], Record<string, string>]>;
  readonly whileWriting: string;
  /** What a look finds of an idle connection; [] where it cannot be told from one of SQLite's default. */
  readonly whileIdle: readonly string[];
}

const SCHEMES: Record<string, Scheme> = {
  "unix-flock": {
    argv: async (context) => [[join(await unixFlock(context), "unix-flock")], {}],
    whileWriting: "other-locking",
    whileIdle: [],
  },
  "node-sqlite3-wasm": {
    argv: async (context) => {
      const { argv, env = {} } = await withPackages(context, "node-sqlite3-wasm-lines.cjs");
      return [argv, env];
    },
    whileWriting: "lock-directory",
    whileIdle: ["other-locking"],
  },
};

for (const [name, scheme] of Object.entries(SCHEMES)) {
  test(`${name}: while it writes, nothing is to be opened, and nothing is switched`, async (context) => {
    const { database, program } = await started(context, scheme);
    await says(program, "pragma cache_size = 1");
    await says(program, "begin");
    await says(program, "update t set a = randomblob(1000)");
    const before = bytesOfFolder(database);
    const seen = await lookAt(database);
    expect(seen.journal).toMatchObject({ hot: null, header: "valid" });
    expect(seen.findings[0]).toMatchObject({ id: scheme.whileWriting, severity: "error", pids: [program.pid] });
    for (const { remedy } of seen.findings) expect(remedy).not.toMatch(/schema_version|rmdir/);
    expect(await journalMode([database, "wal", "--force"])).toMatchObject({ code: 1, changed: false });
    expect((await sqlock(["integrity", database])).stdout).toContain(scheme.whileWriting);
    expect(bytesOfFolder(database)).toEqual(before);

    await says(program, "commit");
    program.endInput();
    await program.ends();
    await expectWhole(database);
    expect(findingIds(await lookAt(database))).toEqual([]);
  });

  test(`${name}: while it is idle, a switch loses nothing`, async (context) => {
    const { database, program } = await started(context, scheme);
    await says(program, "insert into t values (1)");
    expect(findingIds(await lookAt(database))).toEqual(scheme.whileIdle);
    const answer = await journalMode([database, "wal"]);
    if (scheme.whileIdle.length > 0) expect(answer).toMatchObject({ code: 1, obstacles: [{ forcible: true }] });
    else {
      expect(answer.notes).toMatchObject([expect.stringMatching(/lock(s)? in another way/)]);
      program.type("insert into t values (1)\n");
      await program.prints(/^unable to open database file$/m);
    }
    program.endInput();
    await program.ends();
    await expectWhole(database);
  });
}

async function started(context: TestContext, { argv }: Scheme): Promise<{ database: string; program: Program }> {
  const database = newDatabase();
  const [[command = "", ...args], env] = await argv(context);
  const program = startProgram([command, ...args, database], { env });
  await program.prints(/^ready$/m);
  return { database, program };
}

async function says(program: Program, sql: string): Promise<void> {
  program.type(`${sql}\n`);
  await program.prints(/^ok$/m);
}

async function expectWhole(database: string): Promise<void> {
  const reader = await holding(database);
  expect(await reader.run(`answer = c.execute("pragma integrity_check").fetchone()[0]`)).toBe("ok");
  await reader.end();
}

/** Built from the SQLite that better-sqlite3 comes with: no package has unix-flock. */
function unixFlock(context: TestContext): Promise<string> {
  need(context, has("cc"), "a C compiler");
  const sqlite = dirname(createRequire(import.meta.url).resolve("better-sqlite3/deps/sqlite3/sqlite3.c"));
  const sources = ["unix-flock.c", "locking-styles.h"].map((file) => join(import.meta.dirname, "schemes", file));
  return fetched(context, {
    name: "unix-flock",
    pins: [...sources, join(sqlite, "sqlite3.h")],
    make: async (folder) => {
      for (const source of sources) copyFileSync(source, join(folder, basename(source)));
      const build = ["cc", "-O0", "-w", "-DSQLITE_ENABLE_LOCKING_STYLE=1", "-DSQLITE_OMIT_LOAD_EXTENSION"];
      const shim = ["-include", join(folder, "locking-styles.h")];
      await run([...build, ...shim, "-c", join(sqlite, "sqlite3.c"), "-o", "sqlite3.o"], { cwd: folder });
      const link = ["-I", sqlite, "unix-flock.c", "sqlite3.o", "-o", "unix-flock", "-lpthread", "-lm"];
      await run(["cc", "-O0", ...link], { cwd: folder });
    },
  });
}
