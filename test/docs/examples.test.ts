/**
 * The examples of docs/testing.md are run: vitest and pytest themselves, with tests that fail because of a real lock.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { literal } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { pythonWith } from "../support/python.ts";
import { ROOT } from "../support/root.ts";
import { AS_CALLER, BIN, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const EXAMPLES = join(ROOT, "docs/examples");
const PAGE = readFileSync(join(ROOT, "docs/testing.md"), "utf8");

/** Without the variables of the run that this test belongs to. */
const env = Object.fromEntries(
  Object.keys(process.env).flatMap((name) =>
    /^(VITEST|TEST$|NODE_ENV$|DEV$|PROD$|MODE$)/.test(name) ? [[name, undefined]] : [],
  ),
);

/** A project whose `npm ci` has installed vitest, better-sqlite3 and sqlock. */
function vitestProject(example = "vitest"): string {
  const folder = tempFolder();
  cpSync(join(EXAMPLES, example), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "name": "shop", "private": true, "type": "module" }');
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["vitest", "better-sqlite3"])
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  symlinkSync(ROOT, join(folder, "node_modules/sqlock"));
  return folder;
}

async function runVitest(folder: string): Promise<string> {
  const { all } = await execa(process.execPath, [join(folder, "node_modules/vitest/vitest.mjs"), "run", "--no-color"], {
    cwd: folder,
    env: { ...env, NO_COLOR: "1" },
    reject: false,
    all: true,
    timeout: 60_000,
    stdin: "ignore",
  });
  return all;
}

const THIS_PROCESS =
  String.raw`\d+ \(this test process\) is writing; locks: RESERVED, SHARED; ` +
  "blocks: writers, commits, journal-mode";

test("vitest: the holder is named, and its connection closed", async () => {
  const output = await runVitest(vitestProject());
  expect(output).toMatch(/SqliteError: database is locked/);
  expect(output).toMatch(new RegExp(`test\\.sqlite3 is held by:\n {2}${THIS_PROCESS}\n`));
  expect(output).toMatch(/Tests {2}1 failed \| 1 passed/);
});

test("vitest: another process is named", async () => {
  const folder = vitestProject();
  const holder = await startHolder();
  await holder.run(
    `c = sqlite3.connect(${literal(join(folder, "test.sqlite3"))}, isolation_level=None); c.execute("CREATE ` +
      'TABLE orders (customer TEXT)")',
  );
  await holder.run(`c.execute("BEGIN IMMEDIATE")`);
  const output = await runVitest(folder);
  expect(output).toMatch(
    new RegExp(`^ {2}${holder.pid} \\(.*hold\\.py\\) is writing; locks: .*RESERVED.*; blocks: writers`, "m"),
  );
  expect(output).toMatch(/Tests {2}2 failed/);
});

test("pytest: the holder is named, and its connection closed", async (context) => {
  const python = pythonWith(context, "pytest", "sqlite3");
  const folder = tempFolder();
  cpSync(join(EXAMPLES, "pytest"), folder, { recursive: true });
  const { stdout } = await execa(python, ["-m", "pytest", "--color=no", "-p", "no:cacheprovider"], {
    cwd: folder,
    env: { SQLOCK: `'${process.execPath}' '${BIN}'`, PYTHONDONTWRITEBYTECODE: "1" },
    reject: false,
    timeout: 60_000,
  });
  expect(stdout).toMatch(/^E +sqlite3.OperationalError: database is locked$/m);
  expect(stdout).toMatch(new RegExp(`^-+ processes that hold the database -+\n${THIS_PROCESS}$`, "m"));
  expect(stdout).toMatch(/1 failed, 1 passed/);
});

/** What the page shows for a recording, with the real names of processes and times in their place. */
function expectToBeShown(stderr: string): void {
  const told = /^sqlock: failed because of [\s\S]*/m.exec(stderr)?.[0] ?? `no problem:\n${stderr}`;
  expect(PAGE.replace(PLACES, "P had").replace(TIMES, "T")).toContain(
    told.replace(PLACES, "P had").replace(TIMES, "T"),
  );
}
const PLACES = /\b\d+ \(.*\) had\b/g;
const TIMES = /[\d.]+ m?s\b/g;

test("pytest, recorded: the tests pass, and the line that lost an order is named", async (context) => {
  const python = pythonWith(context, "pytest", "sqlite3");
  const folder = tempFolder();
  cpSync(join(EXAMPLES, "record-pytest"), folder, { recursive: true });
  const words = [python, "-m", "pytest", "--color=no", "-p", "no:cacheprovider"];
  const { stdout, stderr, code } = await sqlock(
    ["record", ...AS_CALLER, "--source", "sampled", "--fail-on", "warnings", "--", ...words],
    { cwd: folder, env: { PYTHONDONTWRITEBYTECODE: "1" } },
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining("1 passed") });
  expectToBeShown(stderr);
});

test.each(["forks", "threads"])("vitest, recorded, with %s: the line is that of TypeScript", async (pool) => {
  const folder = vitestProject("record-vitest");
  const words = [process.execPath, join(folder, "node_modules/vitest/vitest.mjs"), "run", "--no-color", "--pool", pool];
  const { stdout, stderr, exitCode } = await execa(
    process.execPath,
    [BIN, "record", ...AS_CALLER, "--source", "sampled", "--fail-on", "warnings", "--", ...words],
    {
      cwd: folder,
      env: { ...env, NO_COLOR: "1" },
      reject: false,
      timeout: 60_000,
      stdin: "ignore",
      stripFinalNewline: false,
    },
  );
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: expect.stringMatching(/Tests {2}1 passed/) });
  expectToBeShown(stderr.replaceAll(" (thread worker 1)", ""));
});

/** The blocks of the page below `<!-- examples/PATH -->`. */
const shown = new Map(
  [...PAGE.matchAll(/^<!-- examples\/(\S+) -->\n```\w+\n(.*?)^```$/gms)].map(([, path = "", text = ""]) => [
    path,
    text,
  ]),
);

test("the page shows all files, unchanged", () => {
  const files = readdirSync(EXAMPLES, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.(js|ts|py)$/.test(path),
  );
  expect([...shown.keys()].sort()).toEqual(files.sort());
  for (const [path, text] of shown) expect(text, path).toBe(readFileSync(join(EXAMPLES, path), "utf8"));
});
