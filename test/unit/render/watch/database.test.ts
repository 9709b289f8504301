import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import type { HolderView } from "../../../../src/features/watch/holder-view.ts";
import { INITIAL_INTERACTION, type Interaction } from "../../../../src/features/watch/interaction.ts";
import type { DatabaseView, View } from "../../../../src/features/watch/state.ts";
import { PLAIN, type Style } from "../../../../src/render/style.ts";
import { databaseLines } from "../../../../src/render/watch/database.ts";
import widthOf from "../../../../src/render/width.ts";
import { databaseReport, lock } from "../../../support/report.ts";
import { PATH } from "../../../support/watch-event.ts";

const UTF8: Style = { ...PLAIN, ellipsis: "…" };

function holderView(change: Partial<HolderView> = {}): HolderView {
  return {
    path: PATH,
    pid: 4242,
    command: "python app.py",
    activity: "idle",
    locks: [],
    heldMs: null,
    atLeast: false,
    blocks: [],
    stale: [],
    ...change,
  };
}

const WRITER: Partial<HolderView> = { activity: "writing", locks: [lock("WRITE")], blocks: ["writers"], heldMs: 100 };

interface Shown {
  readonly database?: Partial<DatabaseView>;
  readonly view?: Partial<View>;
  readonly interaction?: Partial<Interaction>;
  readonly width?: number;
  readonly maxHolders?: number;
  readonly style?: Style;
}

function shown({ database = {}, view = {}, interaction = {}, width = 100, maxHolders = 9, style = UTF8 }: Shown) {
  const known = { path: PATH, report: databaseReport(), looked: true, holders: [], findings: [], writing: [] };
  return databaseLines(
    { ...known, ...database },
    { nowMs: 10_000, startedMs: 0, databases: [], log: [], unseen: null, ...view },
    { ...INITIAL_INTERACTION, ...interaction },
    width,
    maxHolders,
    style,
  );
}

describe("the database", () => {
  const wal = {
    frames: 3021,
    checkpointedFrames: 12,
    uncommittedFrames: 0,
    checkpointedKnown: true,
    readMarks: [],
    unreadBytes: 0,
    complete: true,
  };
  test.each<[Partial<DatabaseView>, string]>([
    [{}, "rollback journal, 48 KiB"],
    [{ report: databaseReport({ journalMode: "wal", wal }) }, "WAL mode, 48 KiB, WAL 3,021 frames"],
    [{ report: databaseReport({ journalMode: "wal", wal: { ...wal, frames: 1 } }) }, "WAL mode, 48 KiB, WAL 1 frame"],
    [{ report: databaseReport({ journalMode: "unknown", sizeBytes: 0 }) }, "no journal mode yet, 0 B"],
    [{ report: databaseReport({ journalMode: "unknown", sizeBytes: null }) }, "deleted"],
    [{ report: null, looked: true }, "no such file: waiting for it"],
    [{ report: null, looked: false }, "looking"],
  ])("%#: %s", (database, facts) => {
    expect(shown({ database })[0]).toBe(`${PATH}: ${facts}`);
  });

  test.each([
    [45, "/srv/app/db.sqlite3: rollback journal, 48 KiB"],
    [44, "db.sqlite3: rollback journal, 48 KiB"],
  ])("the whole path, else the name: in %i columns", (width, line) => {
    expect(shown({ width })[0]).toBe(line);
  });

  test("a name that is too long is cut before the facts are", () => {
    const line = shown({ database: { path: `/srv/${"x".repeat(50)}` }, width: 40 })[0] ?? "";
    expect(line).toBe(`${"x".repeat(13)}…: rollback journal, 48 KiB`);
    expect(widthOf(line)).toBe(40);
  });
});

describe("the write lock", () => {
  const writing = [{ fromMs: 5000, toMs: 7500 }];
  test.each<[string, Shown, string]>([
    ["never held", {}, " 0 % of 10 s"],
    ["held for a quarter of the time", { database: { writing } }, " 25 % of 10 s"],
    ["held now", { database: { writing: [{ fromMs: 9000, toMs: null }] } }, " 10 % of 10 s"],
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
    const line = shown(change)[1] ?? "";
    expect(line.slice("write lock ".length + 60)).toBe(end);
  });

  test("a second a column, the last is now", () => {
    expect(shown({ database: { writing } })[1]).toBe(`write lock ${" ".repeat(55)}██▄   25 % of 10 s`);
    expect(shown({ database: { writing }, style: PLAIN })[1]).toBe(`write lock ${" ".repeat(55)}##=   25 % of 10 s`);
  });
});

describe("the holders", () => {
  const holders = [1, 2, 3, 4].map((pid) => holderView({ pid }));
  const pids = (lines: readonly string[]) => lines.slice(3).map((line) => line.slice(0, 7).trimEnd());

  test("nobody", () => {
    expect(shown({}).slice(2)).toEqual(["nobody has it open"]);
  });

  test("somebody who cannot be seen", () => {
    const report = databaseReport({ unownedLocks: [lock("RESERVED", { api: "ofd" })] });
    const lines = shown({ database: { report } });
    expect(lines[0]).toContain(", a process that cannot be seen holds RESERVED");
    expect(lines.slice(2)).toEqual(["nobody visible has it open"]);
  });

  test.each<[string, number, Interaction["selected"], string[]]>([
    ["all of them", 4, null, ["    1", "    2", "    3", "    4"]],
    ["more than there is room for", 2, null, ["    1", "    2", "  ... a"]],
    ["the selected one is on the first page", 2, { path: PATH, pid: 2 }, ["    1", ">   2", "  ... a"]],
    ["the selected one is the last", 2, { path: PATH, pid: 4 }, ["    3", ">   4", "  ... a"]],
    ["the selected one is of another database", 4, { path: "/other", pid: 2 }, ["    1", "    2", "    3", "    4"]],
  ])("%s", (_, maxHolders, selected, expected) => {
    expect(pids(shown({ database: { holders }, maxHolders, interaction: { selected } }))).toEqual(expected);
  });

  test("how many more there are", () => {
    expect(shown({ database: { holders }, maxHolders: 1 }).at(-1)).toBe("  ... and 3 more");
  });

  test.each<[string, Partial<HolderView>, boolean, string]>([
    ["keeps writers out: red", WRITER, false, "\x1b[31m"],
    ["keeps readers out: red", { blocks: ["readers"] }, false, "\x1b[31m"],
    ["keeps a checkpoint back: yellow", { blocks: ["checkpoints"] }, false, "\x1b[33m"],
    ["keeps nobody from anything", { blocks: ["journal-mode"] }, false, " "],
    ["selected: inverse", { blocks: [] }, true, "\x1b[7m"],
  ])("%s", (_, change, isSelected, start) => {
    const style = { ...UTF8, chalk: new Chalk({ level: 1 }) };
    const selected = isSelected ? { path: PATH, pid: 4242 } : null;
    const line = shown({ database: { holders: [holderView(change)] }, interaction: { selected }, style })[3] ?? "";
    expect(line.slice(0, start.length)).toBe(start);
  });
});
