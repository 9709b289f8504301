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
import { BIN } from "../support/sqlock.ts";
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
function vitestProject(): string {
  const folder = tempFolder();
  cpSync(join(EXAMPLES, "vitest"), folder, { recursive: true });
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

/** The blocks of the page below `<!-- examples/PATH -->`. */
const shown = new Map(
  [...PAGE.matchAll(/^<!-- examples\/(\S+) -->\n```\w+\n(.*?)^```$/gms)].map(([, path = "", text = ""]) => [
    path,
    text,
  ]),
);

test("the page shows all files, unchanged", () => {
  const files = readdirSync(EXAMPLES, { recursive: true, encoding: "utf8" }).filter((path) => /\.(js|py)$/.test(path));
  expect([...shown.keys()].sort()).toEqual(files.sort());
  for (const [path, text] of shown) expect(text, path).toBe(readFileSync(join(EXAMPLES, path), "utf8"));
});
