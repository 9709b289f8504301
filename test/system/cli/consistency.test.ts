/** What every command has in common: colours, pipes, narrow terminals, locales without UTF-8, JSON documents, times. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optionsOf, takesDatabase } from "../../../src/cli/completion/words.ts";
import { COMMANDS } from "../../../src/cli/descriptions/index.ts";
import { connection, WAL, WRITE } from "../../support/connection.ts";
import { type Holder, spawnHolder } from "../../support/hold.ts";
import { lockLine, metaLine, processLine, waitLine } from "../../support/recording.ts";
import { has, need } from "../../support/skip.ts";
import { BIN, type Run, sqlock } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";
import { Terminal } from "../../support/tmux.ts";

/** A call of each command that prints something, on a database with a writer. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  "who-holds": ["DB"],
  watch: ["--for", "300ms", "DB"],
  record: ["--for", "300ms", "DB"],
  report: ["RECORDING"],
  explain: ["--db", "DB", "database is locked"],
  integrity: ["DB", "--wait", "100ms"],
  "journal-mode": ["DB", "delete", "--wait", "100ms"],
  kill: ["DB", "--dry-run", "--yes"],
  stress: ["--duration", "200ms", "--writers", "2", "--readers", "1", "--read-then-write", "--seed", "1"],
  demo: [],
  completion: ["bash"],
};

/** What a narrow terminal cannot break: paths, commands to copy, and longer words. */
const UNBREAKABLE = /\/|sqlock|sqlite3|PRAGMA|https?:/;

const WITH_JSON = commandsWith("json");

const WITH_COLORS = commandsWith("no-color");

const WITH_DATABASE = COMMANDS.filter(takesDatabase).map(({ name }) => name);

function commandsWith(option: string): string[] {
  return COMMANDS.filter((page) => optionsOf(page).some(({ long }) => long === option)).map(({ name }) => name);
}

/** A writer holds it in all tests; no call changes it. */
let held: { readonly folder: string; readonly database: string; readonly recording: string; readonly writer: Holder };

beforeAll(async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sqlock-test-")));
  const database = join(folder, "dätabase.sqlite3");
  const writer = await spawnHolder();
  const recording = join(folder, "dätabase.jsonl");
  const lines = [metaLine(), processLine(), lockLine(), waitLine()];
  writeFileSync(recording, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  held = { folder, database, recording, writer };
  await writer.run(connection(database, ...WAL, ...WRITE));
});

afterAll(async () => {
  await held.writer.end();
  rmSync(held.folder, { recursive: true });
});

async function call(name: string, env: Record<string, string> = {}, ...more: string[]): Promise<Run> {
  const words = (CALLS[name] ?? []).map((word) =>
    word === "DB" ? held.database : word === "RECORDING" ? held.recording : word,
  );
  return sqlock([name, ...words, ...more], { env });
}

test("every command is called here", () => {
  expect(Object.keys(CALLS).toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted());
});

describe.each(Object.keys(CALLS))("%s", (name) => {
  test("with NO_COLOR: no colours; at 80 columns no line is wider, except for what cannot be broken", async () => {
    const { stdout, stderr } = await call(name, { NO_COLOR: "1", FORCE_COLOR: "1", COLUMNS: "80" });
    expect(stdout + stderr).not.toContain("\x1b");
    if (name === "watch" || name === "completion") return; // a line an event, and a script
    expect(stdout.split("\n").filter((line) => [...line].length > 80 && !UNBREAKABLE.test(line))).toEqual([]);
  });

  test("through a pipe: no colours; without UTF-8 everything except the file name is ASCII", async () => {
    const { stdout, stderr } = await call(name, { NO_COLOR: "", LC_ALL: "C", LANG: "C" });
    const text = (stdout + stderr).replaceAll("dätabase", "").replaceAll("d\\xe4tabase", "");
    expect(text).toMatch(/^[\n\x20-\x7e]+$/);
  });

  test("with --no-color: no colours, even with FORCE_COLOR", async () => {
    if (!WITH_COLORS.includes(name)) return;
    const { stdout, stderr } = await call(name, { NO_COLOR: "", FORCE_COLOR: "1" }, "--no-color");
    expect(stdout + stderr).not.toContain("\x1b");
  });
});

test.each(WITH_JSON)(
  "%s --json: documents with schemaVersion 1 and the version, also of what could not be done",
  async (name) => {
    const { stdout, stderr } = await call(name, {}, "--json");
    expect(stderr).toBe("");
    const lines = name === "watch" ? stdout.trimEnd().split("\n") : [stdout];
    const last = JSON.parse(lines.at(-1) ?? "") as object;
    expect(last).toMatchObject({ schemaVersion: 1 });
    if (name === "watch" || name === "record" || !WITH_DATABASE.includes(name)) return; // they wait for it
    const missing = await sqlock([name, join(tempFolder(), "none.db"), "--json"]);
    expect({ code: missing.code, document: JSON.parse(missing.stdout) as object }).toMatchObject({
      code: 2,
      document: { schemaVersion: 1 },
    });
  },
);

/** Each option that takes a time, with the other arguments of its command. */
const TIMES = COMMANDS.flatMap((page) =>
  page.groups.flatMap(({ options }) =>
    options.flatMap(({ flags, hidden }) =>
      flags.endsWith("<time>") && hidden !== true ? [[page.name, flags.split(" ")[0] ?? ""] as const] : [],
    ),
  ),
);

test.each(TIMES)("%s %s accepts only a time", async (name, option) => {
  const { code, stdout, stderr } = await sqlock([name, `${option}=-3s`, ...(name === "stress" ? [] : ["x"])]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(`${option} "-3s" is not a time; write it as 500ms, 30s, 5m or 1h`);
});

test("on a terminal of 40 columns nothing is wider than the terminal", async (context) => {
  need(context, has("tmux"), "tmux");
  const terminal = new Terminal(40, 60, { LC_ALL: "C.UTF-8" });
  await terminal.enter(`clear; ${process.execPath} ${BIN} who-holds ${held.database} | cat; echo done-$?`);
  await terminal.shows(/^done-0$/m);
  await terminal.enter(`clear; ${process.execPath} ${BIN} stress --duration 200ms; echo again-$?`);
  const screen = await terminal.shows(/^again-0$/m);
  expect(screen).toContain("acknowledged");
});
