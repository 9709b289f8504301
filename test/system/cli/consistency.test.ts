/** What holds for every command: colours, pipes, narrow terminals, locales without UTF-8, JSON documents, times. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { optionsOf } from "../../../src/cli/completion/words.ts";
import { COMMANDS } from "../../../src/cli/descriptions/index.ts";
import { startHolder } from "../../support/holder.ts";
import { has, need } from "../../support/skip.ts";
import { BIN, sqlock } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";
import { Terminal } from "../../support/tmux.ts";

/** A call of each command that has something to say, on a database that somebody writes to. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  "who-holds": ["DB"],
  watch: ["--for", "300ms", "DB"],
  explain: ["--db", "DB", "database is locked"],
  integrity: ["DB", "--wait", "100ms"],
  "journal-mode": ["DB", "delete", "--wait", "100ms"],
  kill: ["DB", "--dry-run", "--yes"],
  stress: ["--duration", "200ms", "--writers", "2", "--readers", "1", "--read-then-write", "--seed", "1"],
  demo: [],
  completion: ["bash"],
};

/** What a narrow terminal cannot break: paths, commands to copy, and words that are longer. */
const UNBREAKABLE = /\/|sqlock|sqlite3|PRAGMA|https?:/;

const WITH_JSON = COMMANDS.filter((page) => optionsOf(page).some(({ long }) => long === "json")).map(
  ({ name }) => name,
);

async function held(): Promise<string> {
  const database = join(tempFolder(), "dätabase.sqlite3");
  const holder = await startHolder();
  await holder.run(`
c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None)
c.execute("pragma journal_mode = wal"); c.execute("create table t(a)"); c.execute("begin immediate"); c.execute("insert into t values (1)")`);
  return database;
}

async function call(name: string, env: Record<string, string> = {}, ...more: string[]) {
  const words = CALLS[name] ?? [];
  const database = words.includes("DB") ? await held() : "";
  return sqlock([name, ...words.map((word) => (word === "DB" ? database : word)), ...more], { env });
}

test("every command is called here", () => {
  expect(Object.keys(CALLS).toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted());
});

describe.each(Object.keys(CALLS))("%s", (name) => {
  test("no colours with NO_COLOR, nor through a pipe, nor with --no-color; colours only where they are asked for", async () => {
    for (const [env, more] of [
      [{ NO_COLOR: "1", FORCE_COLOR: "1" }, []],
      [{ NO_COLOR: "" }, []],
      ...(name === "demo" || name === "completion"
        ? []
        : [[{ NO_COLOR: "", FORCE_COLOR: "1" }, ["--no-color"]] as const]),
    ] as const) {
      const { stdout, stderr } = await call(name, env, ...more);
      expect(stdout + stderr).not.toContain("\x1b");
      expect(stdout + stderr).not.toBe("");
    }
  });

  test("without UTF-8 it draws in ASCII; the name of the file is the one thing that is not", async () => {
    const { stdout, stderr } = await call(name, { LC_ALL: "C", LANG: "C" });
    expect((stdout + stderr).replaceAll("dätabase", "").replaceAll("d\\xe4tabase", "")).toMatch(/^[\n\x20-\x7e]*$/);
  });

  test("80 columns: no line is wider, but for what cannot be broken", async () => {
    if (name === "watch" || name === "completion") return; // a line an event, and a script
    const { stdout } = await call(name, { COLUMNS: "80", LC_ALL: "C.UTF-8" });
    expect(stdout.split("\n").filter((line) => [...line].length > 80 && !UNBREAKABLE.test(line))).toEqual([]);
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
    if (name === "watch" || name === "explain") return;
    const missing = await sqlock([name, join(tempFolder(), "none.db"), "--json"]);
    expect({ code: missing.code, document: JSON.parse(missing.stdout) as object }).toMatchObject({
      code: 2,
      document: { schemaVersion: 1 },
    });
  },
);

/** Each option that takes a time, with what else its command needs. */
const TIMES = COMMANDS.flatMap((page) =>
  page.groups.flatMap(({ options }) =>
    options.flatMap(({ flags, hidden }) =>
      flags.endsWith("<time>") && hidden !== true ? [[page.name, flags.split(" ")[0] ?? ""] as const] : [],
    ),
  ),
);

test.each(TIMES)("%s %s takes 500ms, 10s and 2m, and no nonsense", async (name, option) => {
  for (const nonsense of ["soon", "5 parsecs", "-3s"]) {
    const { code, stdout, stderr } = await sqlock([name, `${option}=${nonsense}`, ...(name === "stress" ? [] : ["x"])]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`${option} "${nonsense}" is not a time; write it as 500ms, 30s, 5m or 1h`);
  }
});

test("at a terminal of 40 columns nothing is wider than the terminal", async (context) => {
  need(context, has("tmux"), "tmux");
  const terminal = new Terminal(40, 60, { LC_ALL: "C.UTF-8" });
  terminal.enter(`clear; ${process.execPath} ${BIN} who-holds ${await held()} | cat; echo done-$?`);
  await terminal.shows(/^done-0$/m);
  terminal.enter(`clear; ${process.execPath} ${BIN} stress --duration 200ms; echo again-$?`);
  const screen = await terminal.shows(/^again-0$/m);
  expect(screen).toContain("acknowledged");
});
