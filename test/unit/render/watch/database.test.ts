/** One database on the screen. */
import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import type { HolderView } from "../../../../src/features/watch/holder-view.ts";
import { INITIAL_INTERACTION, type Interaction } from "../../../../src/features/watch/interaction.ts";
import type { DatabaseView, View } from "../../../../src/features/watch/view.ts";
import { PLAIN, type Style } from "../../../../src/render/style.ts";
import { databaseLines } from "../../../../src/render/watch/database.ts";
import type { Rows } from "../../../../src/render/watch/rows.ts";
import widthOf from "../../../../src/render/width.ts";
import { databaseReport, lock } from "../../../support/report.ts";
import { PATH } from "../../../support/watch-event.ts";
import { databaseView, holderView, viewOf } from "../../../support/watch-view.ts";

const UTF8: Style = { ...PLAIN, ellipsis: "…" };
const WRITER: Partial<HolderView> = { activity: "writing", locks: [lock("WRITE")], blocks: ["writers"], heldMs: 100 };

interface Shown {
  readonly database?: Partial<DatabaseView>;
  readonly view?: Partial<View>;
  readonly interaction?: Partial<Interaction>;
  readonly width?: number;
  readonly rows?: Partial<Rows>;
  readonly holderRows?: number;
  readonly style?: Style;
}

const ROWS: Rows = { gap: 1, verdict: 1, showsWriting: true, showsWal: true, holders: [], notes: 0, log: 0 };

function shown(change: Shown) {
  const { database = {}, view = {}, interaction = {}, width = 100, rows = {}, holderRows = 9, style = UTF8 } = change;
  return databaseLines(
    databaseView(database),
    viewOf([], view),
    { ...INITIAL_INTERACTION, ...interaction },
    width,
    { ...ROWS, ...rows },
    holderRows,
    style,
  );
}

describe("the verdict", () => {
  const sentence = "Locked for writers: 4242 (python manage.py shell) has held the write lock for 23 s and is idle.";
  const database: Partial<DatabaseView> = { verdict: { kind: "looked", sentence } };
  test.each<[number, 1 | 2, string[]]>([
    [100, 1, [sentence]],
    [79, 1, [`${sentence.slice(0, 78)}…`]],
    [79, 2, ["Locked for writers: 4242 (python manage.py shell) has held the write lock for", "  23 s and is idle."]],
    [100, 2, [sentence, ""]],
    [40, 2, ["Locked for writers: 4242 (python", "  manage.py shell) has held the write l…"]],
  ])("in %i columns and %i lines", (width, verdict, lines) => {
    expect(shown({ database, width, rows: { verdict } }).slice(0, verdict)).toEqual(lines);
  });

  test("of a process with a hostile name", () => {
    const holder = holderView({ command: "x\n\u001b[2J", blocks: ["writers"], heldMs: 2000 });
    const [line] = shown({ database: { verdict: { kind: "held", holder, lock: "WRITE", more: 0 } } });
    expect(line).toContain("4242 (x\\n\\e[2J) has held");
  });
});

describe("the database", () => {
  test.each<[Partial<DatabaseView>, string]>([
    [{}, "rollback journal, 48 KiB"],
    [{ report: databaseReport({ journalMode: "wal" }) }, "WAL mode, 48 KiB"],
    [{ report: databaseReport({ journalMode: "unknown", sizeBytes: 0 }) }, "no journal mode yet, 0 B"],
    [{ report: databaseReport({ journalMode: "unknown", sizeBytes: null }) }, "deleted"],
    [{ report: null, looked: true }, "no such file"],
    [{ report: null, looked: false }, "not inspected yet"],
  ])("%#: %s", (database, facts) => {
    expect(shown({ database })[1]).toBe(`${PATH}: ${facts}`);
  });

  test.each([
    [45, "/srv/app/db.sqlite3: rollback journal, 48 KiB"],
    [44, "db.sqlite3: rollback journal, 48 KiB"],
  ])("the whole path, else the name: in %i columns", (width, line) => {
    expect(shown({ width })[1]).toBe(line);
  });

  test("a name that is too long is cut before the facts are", () => {
    const line = shown({ database: { path: `/srv/${"x".repeat(50)}` }, width: 40 })[1] ?? "";
    expect(line).toBe(`${"x".repeat(13)}…: rollback journal, 48 KiB`);
    expect(widthOf(line)).toBe(40);
  });

  test("locks of processes that cannot be seen", () => {
    const report = databaseReport({ unownedLocks: [lock("RESERVED", { api: "ofd" })] });
    expect(shown({ database: { report } })[1]).toMatch(/, .* cannot be seen holds RESERVED$/);
  });
});

describe("the WAL", () => {
  const wal = { sizeBytes: 2 ** 20, perMinuteBytes: null, measuredMs: 0, diskFullInMs: null };
  const most = { holders: 0, wal: true };
  test.each<[string, Partial<DatabaseView>, Partial<Rows>, string]>([
    ["of a database that was in WAL mode", { most, wal }, {}, "WAL 1 MiB"],
    ["before the first look the line is empty", { most, wal: null }, {}, ""],
    ["none in rollback mode", { wal }, {}, `write lock ${" ".repeat(60)} 0 % of 10 s`],
    ["none where there is no room", { most, wal }, { showsWal: false }, `write lock ${" ".repeat(60)} 0 % of 10 s`],
  ])("%s", (_, database, rows, line) => {
    expect(shown({ database, rows })[2]).toBe(line);
  });
});

describe("the write lock", () => {
  const writing = [{ pid: 4242, fromMs: 5000, toMs: 7500 }];
  test.each<[string, Shown, string]>([
    ["never held", {}, " 0 % of 10 s"],
    ["held for a quarter of the time", { database: { writing } }, " 25 % of 10 s"],
    ["held now", { database: { writing: [{ pid: 1, fromMs: 9000, toMs: null }] } }, " 10 % of 10 s"],
    ["in the first second", { view: { nowMs: 200 } }, " 0 % of 1 s"],
    ["longer than the line shows", { view: { nowMs: 600_000 } }, " 0 % of 60 s"],
    ["its holder", { database: { holders: [holderView({ pid: 7 }), holderView(WRITER)] } }, " 0 % of 10 s, now 4242"],
    [
      "one that waits for it",
      { database: { holders: [holderView({ ...WRITER, locks: [lock("WRITE", { waiting: true })] })] } },
      " 0 % of 10 s",
    ],
    [
      "a write lock on a file that is lost",
      { database: { holders: [holderView({ ...WRITER, blocks: [] })] } },
      " 0 % of 10 s",
    ],
  ])("%s", (_, change, end) => {
    const line = shown(change)[2] ?? "";
    expect(line.slice("write lock ".length + 60)).toBe(end);
  });

  test("one column per second, the last is now", () => {
    expect(shown({ database: { writing } })[2]).toBe(`write lock ${" ".repeat(55)}██▄   25 % of 10 s`);
    expect(shown({ database: { writing }, style: PLAIN })[2]).toBe(`write lock ${" ".repeat(55)}##=   25 % of 10 s`);
  });

  test("left out where there is no room", () => {
    expect(shown({ rows: { showsWriting: false } })[2]).toContain("PID");
  });
});

describe("the processes", () => {
  const holders = [1, 2, 3, 4].map((pid) => holderView({ pid }));
  const gone = (pid: number, atMs: number) => holderView({ pid, gone: { atMs, how: "ended" } });
  const pids = (lines: readonly string[]) =>
    lines.slice(4).map((line) => line.replace(/^([> ]) +(\d+) .*/, "$1$2").replace("  ... and ", "+"));

  test("no room for any: no header", () => {
    expect(shown({ database: { holders }, holderRows: 0 })).toHaveLength(3);
  });

  const here = { path: PATH, pid: 2 };
  test.each<[string, HolderView[], number, Interaction["selected"], string[]]>([
    ["none", [], 2, null, ["", ""]],
    ["all of them, and room for more", holders, 6, null, [" 1", " 2", " 3", " 4", "", ""]],
    ["as many as there is room for", holders, 4, null, [" 1", " 2", " 3", " 4"]],
    ["more", holders, 3, null, [" 1", " 2", "+2 more"]],
    ["the selected one is on the first page", holders, 3, here, [" 1", ">2", "+2 more"]],
    ["the selected one is the last", holders, 3, { path: PATH, pid: 4 }, [" 3", ">4", "+2 more"]],
    ["the selected one is of another database", holders, 4, { path: "/b", pid: 2 }, [" 1", " 2", " 3", " 4"]],
    ["room for one: the selected one", holders, 1, here, [">2"]],
    ["one that has gone keeps its place", [gone(1, 5), ...holders.slice(1)], 5, null, [" 1", " 2", " 3", " 4", ""]],
    ["no room: those that have gone give way", [gone(1, 5), ...holders.slice(1)], 3, null, [" 2", " 3", " 4"]],
    ["room for one of them: the last", [gone(1, 5), gone(2, 9), ...holders.slice(2)], 3, null, [" 2", " 3", " 4"]],
    ["the selected one stays", [gone(1, 5), gone(2, 3), ...holders.slice(2)], 3, here, [">2", " 3", " 4"]],
  ])("%s", (_, all, holderRows, selected, expected) => {
    expect(pids(shown({ database: { holders: all }, holderRows, interaction: { selected } }))).toEqual(expected);
  });

  test("room for one: the header says how many more there are", () => {
    const header = (all: HolderView[]) => shown({ database: { holders: all }, holderRows: 1 })[3];
    expect(header(holders)).toMatch(/PID .* {2}\.\.\. and 3 more$/);
    expect(header(holders.slice(1, 2))).not.toContain("more");
  });

  test("the process that blocks others stays in sight, whichever is selected", () => {
    const all = [holderView({ ...WRITER, pid: 1 }), ...holders.slice(1)];
    const selected = { path: PATH, pid: 4 };
    const lines = (holderRows: number) =>
      pids(shown({ database: { holders: all }, holderRows, interaction: { selected } }));
    expect(lines(3)).toEqual([" 1", ">4", "+2 more"]);
    expect(lines(2)).toEqual([">4", "+3 more"]);
  });

  test.each<[string, Partial<HolderView>, boolean, string]>([
    ["blocks writers: red", WRITER, false, "\x1b[31m"],
    ["blocks readers: red", { blocks: ["readers"] }, false, "\x1b[31m"],
    ["blocks checkpoints: yellow", { blocks: ["checkpoints"] }, false, "\x1b[33m"],
    ["has gone: dim", { gone: { atMs: 0, how: "ended" } }, false, "\x1b[2m"],
    ["blocks nothing", { blocks: ["journal-mode"] }, false, " "],
    ["selected: inverse", { blocks: [] }, true, "\x1b[7m"],
  ])("%s", (_, change, isSelected, start) => {
    const style = { ...UTF8, chalk: new Chalk({ level: 1 }) };
    const selected = isSelected ? { path: PATH, pid: 4242 } : null;
    const line = shown({ database: { holders: [holderView(change)] }, interaction: { selected }, style })[4] ?? "";
    expect(line.slice(0, start.length)).toBe(start);
  });
});
