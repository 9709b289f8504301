/** As root, `kill` follows no link of somebody else's to another user's database, however fast it is exchanged. */
import { linkSync, lstatSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it, type TestContext } from "vitest";
import { folderOf, give, MALLORY, needRoot, startRacer, VICTIM } from "../support/attacker.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { killJson, runs } from "../support/kill.ts";
import { has, need } from "../support/skip.ts";
import { repetitions } from "../support/soak.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE } from "../support/sqlock.ts";
import { Terminal } from "../support/tmux.ts";

interface Scene {
  /** Mallory's folder. */
  readonly folder: string;
  /** The victim's database, which a process of his keeps locked. */
  readonly database: string;
  readonly writer: Holder;
  /** How many signals the writer got. */
  readonly signals: () => Promise<unknown>;
}

async function scene(context: TestContext): Promise<Scene> {
  needRoot(context);
  const database = newDatabase("delete", folderOf(VICTIM));
  give(database, VICTIM, 0o644);
  const writer = await startHolder({ uid: VICTIM });
  await writer.run(`import signal
signals = 0
def on_signal(*_):
    global signals
    signals += 1
signal.signal(signal.SIGTERM, on_signal)
${connect(database)}
c.execute("begin immediate"); c.execute("insert into t values (1)")`);
  return { folder: folderOf(MALLORY), database, writer, signals: () => writer.run("answer = signals") };
}

function link(target: string, path: string, uid: number): string {
  symlinkSync(target, path);
  process.getBuiltinModule("node:fs").lchownSync(path, uid, uid);
  expect(lstatSync(path).uid).toBe(uid);
  return path;
}

it("a link of another user is refused, with the path to type; root's and the owner's are followed", async (context) => {
  const { folder, database, writer, signals } = await scene(context);
  const name = "db.sqlite3";
  const foreign = [
    link(database, join(folder, "file"), MALLORY),
    join(link(join(database, ".."), join(folder, "folder"), MALLORY), name),
    link(join(folder, "folder", name), join(folder, "by-root"), 0), // root's own link leads on through the other
    link(`${database}-journal`, join(folder, "companion"), MALLORY),
    link(join(database, ".."), join(folder, "whole-folder"), MALLORY),
  ];
  const options = [["--yes"], ["--stale", "--yes"], ["--yes", "--pid", String(writer.pid)], ["--dry-run"]];
  for (const [i, path] of foreign.slice(0, repetitions(foreign.length, 3)).entries())
    for (const args of options.slice(0, repetitions(options.length, 1)).map((_, k) => options[(i + k) % 4] ?? [])) {
      const answer = await killJson([path, ...args]);
      expect(answer).toMatchObject({ code: 2, outcomes: [], error: { code: "foreign-link" } });
      expect(answer.error?.message).toContain(`is a link that user ${MALLORY} owns, to ${database}`);
      expect(answer.error?.hint).toBe(`if that file is meant, give its path: ${database}`);
    }
  expect(await signals()).toBe(0);
  const followed = [
    link(database, join(folder, "root's"), 0),
    join(link(join(database, ".."), join(folder, "current"), VICTIM), name),
  ];
  for (const path of followed)
    expect(await killJson([path, "--yes", "--dry-run"])).toMatchObject({
      code: 0,
      path: database,
      outcomes: [{ pid: writer.pid, result: "planned" }],
    });
});

it("a second name (hard link) in another user's folder is refused as well", async (context) => {
  const { folder, database, writer, signals } = await scene(context);
  const path = join(folder, "db");
  linkSync(database, path); // as with fs.protected_hardlinks=0
  expect(await killJson([path, "--yes"])).toMatchObject({ code: 2, error: { code: "foreign-link" } });
  expect(await signals()).toBe(0);
  expect(await killJson([database, "--yes", "--dry-run"])).toMatchObject({ outcomes: [{ pid: writer.pid }] });
});

it("a racer that exchanges his database, or its folder, for a link: the victim gets no signal", async (context) => {
  const { folder, database, writer, signals } = await scene(context);
  const [name, other] = ["db.sqlite3", "other"];
  mkdirSync(join(folder, "files"));
  mkdirSync(join(folder, "folders"));
  newDatabase("delete", join(folder, "files"));
  give(join(folder, "files", name), MALLORY);
  link(database, join(folder, "files", other), MALLORY);
  mkdirSync(join(folder, "folders", "current"));
  newDatabase("delete", join(folder, "folders", "current"));
  link(join(database, ".."), join(folder, "folders", other), MALLORY);
  for (const each of ["files", "folders", "folders/current", `folders/current/${name}`])
    give(join(folder, each), MALLORY);
  for (const [swapped, given, pauseUs] of [
    [join(folder, "files", name), join(folder, "files", name), 0],
    [join(folder, "folders", "current"), join(folder, "folders", "current", name), 300],
  ] as const) {
    const racer = await startRacer(swapped, join(swapped, "..", other), { pauseUs });
    const codes = new Set<string | undefined>();
    for (let i = 0; i < repetitions(60, 3) || racer.swaps() < 200; i++) {
      const answer = await killJson([given, "--yes", "--grace", "100ms"]);
      codes.add(answer.error?.code ?? (answer.pathChanged ? "path-changed" : `exit code ${answer.code}`));
      expect(answer.outcomes).toEqual([]);
    }
    expect(await racer.stop()).toBeGreaterThanOrEqual(200);
    const allowed = ["foreign-link", "another-file", "path-changed", "exit code 0"]; // nobody holds his own database
    expect([...codes].filter((code) => code === undefined || !allowed.includes(code))).toEqual([]);
  }
  expect(await signals()).toBe(0);
  expect(await runs(writer.pid)).toBe(true);
});

it("the kill key of watch: not by another user's link, and not for another file than is shown", async (context) => {
  need(context, has("tmux"), "tmux");
  const { folder, database, writer, signals } = await scene(context);
  const terminal = new Terminal(220, 30);
  const watching = (path: string) => terminal.enter(`clear; '${NODE}' '${BIN}' watch '${path}'; echo "code=$?"`);
  await watching(link(database, join(folder, "link"), MALLORY));
  await terminal.shows(new RegExp(`> +${writer.pid} .*RESERVED`));
  terminal.press("x");
  expect(await terminal.shows("Press a key")).toContain(`is a link that user ${MALLORY} owns, to ${database}`);
  terminal.press("C-c");
  await terminal.shows("code=130");
  await watching(database);
  await terminal.shows(new RegExp(`> +${writer.pid} .*RESERVED`));
  terminal.press("p"); // what is shown stays
  await terminal.shows("paused");
  renameSync(database, `${database}.old`);
  newDatabase("delete", join(database, ".."));
  terminal.press("x");
  expect(await terminal.shows("Press a key")).toContain("the path now leads to a different file");
  terminal.press("C-c");
  await terminal.shows("code=130");
  expect(await signals()).toBe(0);
});
