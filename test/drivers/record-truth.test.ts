/** `sqlock record` against what the programs of many drivers logged of themselves: test/record/. */
import { join } from "node:path";
import { describe, type TestContext, test } from "vitest";
import { expectTruth } from "../record/expect.ts";
import { randomOf } from "../record/random.ts";
import { type Mode, SCENARIOS, type Scenario, type Skill } from "../record/scenarios.ts";
import { SPECIAL } from "../record/special.ts";
import { World } from "../record/world.ts";
import { NODE } from "../support/bin.ts";
import { pythonPath } from "../support/hold.ts";
import { hasDriver } from "../support/programs.ts";
import { ROOT } from "../support/root.ts";
import { has, need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";
import { needTracing } from "../support/tracefs.ts";
import { fetched, run } from "./cache.ts";
import { program as goProgram } from "./go/build.ts";
import { script as rustScript } from "./rust/build.ts";

const PROGRAMS = join(ROOT, "test/record/programs");
const SQLITE = join(ROOT, "node_modules/better-sqlite3/deps/sqlite3");

interface Program {
  readonly name: string;
  /** Skips the test where something is missing. */
  readonly argv: (context: TestContext) => Promise<readonly string[]>;
  readonly env?: Readonly<Record<string, string>>;
  readonly can?: readonly Skill[];
  /** The scenarios that it is for, by a part of their names; all, where it is left out. */
  readonly only?: RegExp;
  /** Scenarios that it cannot do, by a part of their names. */
  readonly lacks?: RegExp;
  readonly withoutStatements?: true;
}

const DRIVERS: readonly Program[] = [
  { name: "better-sqlite3", argv: async () => [NODE, join(PROGRAMS, "script.cjs")], can: ["held sync"] },
  { name: "SQLite's C", argv: script, can: ["held sync"] },
  {
    name: "SQLite's C with a slow busy handler",
    argv: script,
    env: { SCRIPT_BUSY: "slow" },
    only: /^4 writers, timeout 5000|^4 writers and|two that read|checkpoints|SIGKILL while (waiting|committing)/,
  },
  // /proc/locks has no process for an OFD lock: whose it was before the recording is not known
  {
    name: "SQLite's C with OFD locks",
    argv: script,
    env: { SCRIPT_LOCKS: "ofd" },
    can: ["held sync"],
    lacks: /middle/,
  },
  // several that wait in the kernel for seconds: nobody gives way
  { name: "SQLite's C with F_SETLKW", argv: script, env: { SCRIPT_LOCKS: "wait" }, lacks: /5000 ms/ },
  {
    name: "DBD::SQLite",
    argv: async (context) => {
      need(context, hasDriver("perl"), "perl with DBD::SQLite");
      return ["perl", join(PROGRAMS, "script.pl")];
    },
    // after a BEGIN that was refused it begins a transaction of its own accord, and its log does not know
    lacks: /two databases|(4|8|16) writers|EXCLUSIVE|SIGKILL|middle|recorder|lost|select/,
  },
  {
    name: "PHP's SQLite3",
    argv: async (context) => {
      need(context, hasDriver("php"), "php with SQLite");
      return ["php", join(PROGRAMS, "script.php")];
    },
  },
  {
    name: "github.com/mattn/go-sqlite3",
    argv: async (context) => (await goProgram(context, "script-mattn")).argv,
    lacks: /SIGKILL/,
  },
  {
    name: "modernc.org/sqlite",
    argv: async (context) => (await goProgram(context, "script-modernc")).argv,
    withoutStatements: true,
    lacks: /SIGKILL|middle|recorder|lost/, // what these ask for is told by statements
  },
  { name: "rusqlite", argv: async (context) => [await rustScript(context, "script")], can: ["threads", "held sync"] },
  {
    name: "rusqlite, stripped",
    argv: async (context) => [await rustScript(context, "script-stripped")],
    can: ["threads", "held sync"],
  },
  {
    name: "the shell",
    argv: async (context) => {
      need(context, has("sqlite3"), "sqlite3");
      return [pythonPath(), "-S", join(PROGRAMS, "shell.py")];
    },
    lacks: /select|SIGKILL/, // it leaves no statement open, and its process is another one's child
  },
];

/** Every scenario with every driver takes half an hour. With Python all are run: test/soak/record-truth.test.ts. */
const ALL = process.env["SQLOCK_TEST_ALL_SCENARIOS"] === "1";
const EACH = /^(4 writers, timeout 0 |two that read|a snapshot)/;

describe.each(DRIVERS)("$name", (driver) => {
  const scenarios = [...SCENARIOS, ...SPECIAL].filter(
    ({ name, needs = [] }) =>
      needs.every((skill) => driver.can?.includes(skill) === true) &&
      (ALL || EACH.test(name)) &&
      driver.only?.test(name) !== false &&
      driver.lacks?.test(name) !== true,
  );
  describe.each(scenarios)("$name", (scenario) => {
    test.for(scenario.modes)("%s", (mode, context) => prove(context, driver, scenario, mode));
  });
});

async function prove(context: TestContext, driver: Program, scenario: Scenario, mode: Mode): Promise<void> {
  const { two, run: play, needs } = scenario;
  needTracing(context);
  if (needs?.includes("held sync")) need(context, has("cc"), "a C compiler");
  const argv = await driver.argv(context);
  const main = newDatabase(mode);
  const databases = two === undefined ? { main } : { main, two: newDatabase(mode) };
  const { env = {}, withoutStatements = false } = driver;
  const world = new World({ databases, env, withoutStatements });
  expectTruth(driver.name, await play(world, argv, randomOf(1)));
}

async function script(context: TestContext): Promise<readonly string[]> {
  need(context, has("cc"), "a C compiler");
  const folder = await fetched(context, {
    name: "script",
    pins: [join(PROGRAMS, "script.c"), join(SQLITE, "sqlite3.c")],
    make: async (cwd) => {
      const sources = [join(SQLITE, "sqlite3.c"), join(PROGRAMS, "script.c")];
      await run(
        [
          "nice",
          "cc",
          "-w",
          "-DSQLITE_OMIT_LOAD_EXTENSION",
          `-I${SQLITE}`,
          "-o",
          "script",
          ...sources,
          "-lpthread",
          "-lm",
        ],
        { cwd },
      );
    },
  });
  return [join(folder, "script")];
}
