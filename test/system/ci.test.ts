/**
 * The snippets of docs/ci.md: their YAML is what each service expects, and their commands do what the page says of
 * them.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { snippetsOf } from "../support/snippets.ts";
import { BIN, NODE } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { expectJunit } from "../support/xml.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly on: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: { readonly integrity: { readonly "runs-on": string; readonly steps: readonly Step[] } };
}

interface Pipeline {
  readonly integrity: {
    readonly script: readonly string[];
    readonly artifacts: { readonly when: string; readonly reports: { readonly junit: string } };
  };
}

interface PreCommit {
  readonly repos: readonly [
    { readonly hooks: readonly [{ readonly entry: string; readonly language: string; readonly files: string }] },
  ];
}

const [annotations, scanning, artefact, pipeline, hooks, ...others] = snippetsOf("ci.md", "yaml").map(
  (snippet) => parse(snippet, { strict: true }) as unknown,
);

/**
 * A checkout whose `npm ci` has installed sqlock: a database that is whole, and, under a name that says nothing, one
 * with a row that refers to none.
 */
function checkout(corrupt: boolean): string {
  const folder = tempFolder();
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  mkdirSync(join(folder, "data"));
  symlinkSync(BIN, join(folder, "node_modules/.bin/sqlock"));
  writeFileSync(join(folder, "package.json"), '{ "name": "project", "private": true }');
  for (const [name, rows] of [
    ["app.sqlite3", ""],
    ...(corrupt ? [["cache", "insert into o values (7)"]] : []),
  ] as const) {
    const db = new Database(join(folder, "data", name));
    db.pragma("foreign_keys = off");
    db.exec(`create table c(id integer primary key); create table o(c references c); ${rows}`);
    db.close();
  }
  return folder;
}

/** A folder with an `npx` that starts what is installed, and nothing more: npm's own takes half a second of a CPU. */
function quickNpx(): string {
  const folder = tempFolder();
  writeFileSync(join(folder, "npx"), '#!/bin/sh\nname=$1\nshift\nexec "node_modules/.bin/$name" "$@"\n');
  chmodSync(join(folder, "npx"), 0o755);
  return folder;
}

/** As a CI runs a line: by bash, with -e. `npx`: npm's own in one test. */
async function run(
  line: string,
  folder: string,
  npx: "npm's" | "quick" = "quick",
): Promise<{ readonly code: number | undefined; readonly stdout: string }> {
  const env = {
    PATH: `${npx === "quick" ? `${quickNpx()}:` : ""}${dirname(NODE)}:${process.env["PATH"]}`,
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
    GITHUB_WORKSPACE: folder,
    npm_config_offline: "true",
    npm_config_update_notifier: "false",
  };
  const { exitCode, stdout } = await execa("bash", ["-e", "-c", line], {
    cwd: folder,
    reject: false,
    stdin: "ignore",
    timeout: 60_000,
    env,
  });
  return { code: exitCode, stdout };
}

/** The one line of a script that is not the installation. */
function lineOf(lines: readonly (string | undefined)[]): string {
  const [install, line, ...more] = lines.filter((each) => each !== undefined);
  expect([install, more]).toEqual(["npm ci", []]);
  return line ?? "";
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub Actions
const UNLESS_CANCELLED = "${{ !cancelled() }}";

const stepsOf = (workflow: unknown) => (workflow as Workflow).jobs.integrity.steps;
const lineOfSteps = (workflow: unknown) => lineOf(stepsOf(workflow).map((step) => step.run));

test("there are five, and every workflow checks out, installs Node.js and asks only for the rights it needs", () => {
  expect(others).toEqual([]);
  for (const workflow of [annotations, scanning, artefact] as Workflow[]) {
    expect(workflow.jobs.integrity.steps.slice(0, 2).map(({ uses }) => uses)).toEqual([
      "actions/checkout@v6",
      "actions/setup-node@v6",
    ]);
    expect(workflow.on).toBeTruthy();
    expect(workflow.permissions).toEqual({
      contents: "read",
      ...(workflow === scanning ? { "security-events": "write" } : {}),
    });
  }
});

test("GitHub: annotations", async () => {
  const line = lineOfSteps(annotations);
  expect(await run(line, checkout(false), "npm's")).toEqual({ code: 0, stdout: "1 database: 1 ok" });
  const emptied = checkout(false);
  writeFileSync(join(emptied, "data/app.sqlite3"), "");
  const none = await run(line, emptied);
  expect([none.code, none.stdout]).toEqual([2, expect.stringContaining("1 database: 1 not checked")]);
  const { code, stdout } = await run(line, checkout(true));
  expect(code).toBe(1);
  expect(stdout.split("\n")).toEqual([
    expect.stringMatching(/^::error file=data\/cache,title=sqlock%3A table o \(foreign-keys\)%3A 1 problem::/),
    "2 databases: 1 ok, 1 corrupt",
  ]);
});

test("GitHub: the SARIF that is uploaded, although the check has failed", async () => {
  const folder = checkout(true);
  expect((await run(lineOfSteps(scanning), folder)).code).toBe(1);
  const upload = stepsOf(scanning).at(-1);
  expect(upload).toMatchObject({
    uses: expect.stringMatching(/^github\/codeql-action\/upload-sarif@v\d+$/),
    if: UNLESS_CANCELLED,
  });
  const [only] = JSON.parse(readFileSync(join(folder, upload?.with?.["sarif_file"] ?? ""), "utf8")).runs;
  expect(only.results).toMatchObject([
    { ruleId: "foreign-keys", locations: [{ physicalLocation: { artifactLocation: { uri: "data/cache" } } }] },
  ]);
});

test("GitHub: the JUnit artefact", async () => {
  const folder = checkout(true);
  expect((await run(lineOfSteps(artefact), folder)).code).toBe(1);
  const upload = stepsOf(artefact).at(-1);
  expect(upload).toMatchObject({
    uses: expect.stringMatching(/^actions\/upload-artifact@v\d+$/),
    if: UNLESS_CANCELLED,
  });
  await expectJunit(readFileSync(join(folder, upload?.with?.["path"] ?? ""), "utf8"));
});

test("GitLab: the report of JUnit", async () => {
  const { integrity } = pipeline as Pipeline;
  const folder = checkout(true);
  expect((await run(lineOf(integrity.script), folder)).code).toBe(1);
  expect(integrity.artifacts.when).toBe("always");
  const report = readFileSync(join(folder, integrity.artifacts.reports.junit), "utf8");
  expect(report).toContain('<failure type="foreign-keys"');
  await expectJunit(report);
});

test("pre-commit: the hook gets the files that match", async () => {
  const [
    {
      hooks: [hook],
    },
  ] = (hooks as PreCommit).repos;
  expect(hook.language).toBe("system");
  const files = ["data/app.sqlite3", "x.db", "y.sqlite", "db.txt", "data/cache", "sqlite3.c"].filter((file) =>
    new RegExp(hook.files).test(file),
  );
  expect(files).toEqual(["data/app.sqlite3", "x.db", "y.sqlite"]);
  const folder = checkout(true);
  expect((await run(`${hook.entry} data/app.sqlite3`, folder)).code).toBe(0);
  expect((await run(`${hook.entry} data/app.sqlite3 data/cache`, folder)).code).toBe(1);
});

describe("scripts", () => {
  const scripts = snippetsOf("ci.md", "sh");

  test("there are two", () => {
    expect(scripts).toHaveLength(2);
  });

  test.each(scripts)("%s", async (script) => {
    const folder = checkout(false);
    expect(await run(script, folder)).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, "data/app.sqlite3-wal"))).toBe(false);
  });

  test("the one that goes on when the database is locked", async () => {
    const folder = checkout(false);
    const db = new Database(join(folder, "data/app.sqlite3"));
    db.exec("begin exclusive");
    expect((await run(scripts[1] ?? "", folder)).code).toBe(0);
    db.close();
    writeFileSync(join(folder, "data/app.sqlite3"), readFileSync(join(checkout(true), "data/cache")));
    expect((await run((scripts[1] ?? "").replace("--quick ", ""), folder)).code).toBe(1);
  });
});
