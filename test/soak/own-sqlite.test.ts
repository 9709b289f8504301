/** Programs with a SQLite of their own, as compilers and linkers make them: what is said of its functions is true. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { Libraries } from "../../src/features/kernel-source/libraries/libraries.ts";
import type { ProcessLibraries } from "../../src/features/kernel-source/libraries/library.ts";
import { fetched, run } from "../drivers/cache.ts";
import { startProgram } from "../support/program.ts";
import { ROOT } from "../support/root.ts";
import { has, isRoot, need } from "../support/skip.ts";

const SOURCE = join(ROOT, "node_modules/better-sqlite3/deps/sqlite3");
const PROGRAM = join(ROOT, "test/programs/own-sqlite.c");

/** The SQLite that better-sqlite3 is built from; compiled once for each list of options. */
async function compiled(context: TestContext, command: string, file: "program" | "stripped" = "program") {
  const [compiler = "", ...options] = command.split(" ");
  need(context, isRoot, "root");
  need(context, process.arch === "x64", "x86-64");
  need(context, has(compiler), compiler);
  const folder = await fetched(context, {
    name: "own-sqlite",
    pins: [PROGRAM, join(SOURCE, "sqlite3.h")],
    key: [compiler, ...options],
    make: async (cwd) => {
      const build = [compiler, "-w", ...options, `-I${SOURCE}`, "-o", "program", PROGRAM, "-lpthread", "-lm"];
      await run(["nice", ...build], { cwd });
      await run(["strip", "-o", "stripped", "program"], { cwd });
    },
  });
  const program = startProgram([join(folder, file)]);
  const [, said = ""] = await program.prints(/^(sqlite3_open=.*)$/m);
  const all = new Libraries();
  onTestFinished(() => all.close());
  return { said: parse(said), pid: program.pid, found: await all.of(program.pid) };
}

function parse(said: string): Record<string, number> {
  const pairs = said.split(" ").map((pair) => pair.split("="));
  return Object.fromEntries(pairs.map(([name, value]) => [name, Number.parseInt(value ?? "", 16)]));
}

/** The same from what was found in the file. */
function inMemory(pid: number, found: ProcessLibraries | null, skipped = 0): Record<string, number | null> {
  if (found?.known !== true) throw new Error(JSON.stringify(found));
  const [library, ...more] = found.libraries;
  expect([more, found.besides]).toEqual([[], null]);
  const { sqlOffset: sql = -1, stateOffset: state = null } = library?.layout ?? {};
  const places =
    library?.probes.map(({ functionName, offset }) => [functionName, addressOf(pid, offset) - skipped]) ?? [];
  return { ...Object.fromEntries(places), sql, state, db: 0 };
}

/** Of a place in the code of the program's own file. */
function addressOf(pid: number, offset: number): number {
  for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").split("\n")) {
    const [, start = "", end = "", from = ""] = /^(\w+)-(\w+) r-xp (\w+) .*\/(?:program|stripped)$/.exec(line) ?? [];
    const within = offset - Number.parseInt(from, 16);
    if (within >= 0 && within < Number.parseInt(end, 16) - Number.parseInt(start, 16))
      return Number.parseInt(start, 16) + within;
  }
  return -1;
}

const NO_EXTENSIONS = "-DSQLITE_OMIT_LOAD_EXTENSION";

test.for([
  "gcc -O0",
  "gcc -O1",
  "gcc -O2",
  "gcc -O3",
  "gcc -Os",
  "gcc -O1 -fcf-protection=full -fno-omit-frame-pointer",
  "gcc -O1 -fzero-call-used-regs=used-gpr",
  "gcc -O0 -DSQLITE_DEBUG -DSQLITE_ENABLE_STMT_SCANSTATUS -DSQLITE_ENABLE_NORMALIZE",
  `gcc -O0 -static ${NO_EXTENSIONS}`,
  `gcc -O0 -static-pie ${NO_EXTENSIONS}`,
  "clang -O0",
  "clang -O2",
])("%s", async (command, context) => {
  const { said, pid, found } = await compiled(context, command);
  const isUnderstood = !/-O0|used-gpr/.test(command);
  const skipped = command.includes("-fcf-protection=full") ? 4 : 0; // endbr64
  expect(inMemory(pid, found, skipped)).toMatchObject({ ...said, state: isUnderstood ? said.state : null });
});

test.for(["gcc -O0", "gcc -O2"])(
  "%s, stripped: by the table that SQLite has for its extensions",
  async (command, context) => {
    const { said, pid, found } = await compiled(context, command, "stripped");
    expect(inMemory(pid, found)).toMatchObject({ ...said, state: command.includes("-O0") ? null : said.state });
  },
);

test("stripped, and without extensions", async (context) => {
  const { found } = await compiled(context, `gcc -O0 -static ${NO_EXTENSIONS}`, "stripped");
  expect(found).toEqual({ known: false, why: "no-symbols" });
});
