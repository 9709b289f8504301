import { describe, expect, test } from "vitest";
import type { HolderSummary } from "../../../../src/features/watch/event.ts";
import type { HolderView } from "../../../../src/features/watch/holder-view.ts";
import { DATABASE_COLUMN, SCREEN_COLUMNS, SUMMARY_COLUMNS } from "../../../../src/render/watch/columns.ts";
import type { Column } from "../../../../src/render/watch/table.ts";
import { lock } from "../../../support/report.ts";
import { PATH } from "../../../support/watch-event.ts";

function cell<Row>(columns: readonly Column<Row>[], name: string, row: Row): string {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column.value(row);
}

const VIEW: HolderView = {
  path: PATH,
  pid: 4242,
  command: "python app.py",
  activity: "writing",
  locks: [lock("WRITE"), lock("SHARED")],
  heldMs: 2049,
  atLeast: false,
  blocks: ["writers", "checkpoints", "journal-mode"],
  stale: [],
};

describe("of the screen", () => {
  test.each<[string, string, Partial<HolderView>, string]>([
    ["the process", "PID", {}, "4242"],
    ["a command that a person would not expect", "COMMAND", { command: "a\x1b[2Jb\nc" }, "a\\e[2Jb\\nc"],
    ["what it does", "ACTIVITY", {}, "writing"],
    ["it is suspended", "ACTIVITY", { stale: ["stopped"] }, "stopped"],
    ["it is forgotten, but not suspended", "ACTIVITY", { stale: ["idle-in-transaction"] }, "writing"],
    ["its locks", "LOCKS", {}, "WRITE, SHARED"],
    ["no locks", "LOCKS", { locks: [] }, "-"],
    ["what it keeps others from", "BLOCKS", {}, "writers, checkpoints"],
    ["a change of the journal mode alone", "BLOCKS", { blocks: ["journal-mode"] }, "-"],
    ["for how long", "HELD", {}, "2.0 s"],
    ["at least for how long", "HELD", { atLeast: true }, ">= 2.0 s"],
    ["less than a second, in tenths", "HELD", { heldMs: 299 }, "200 ms"],
    ["a lock of unknown age", "HELD", { heldMs: null }, "?"],
    ["no lock that could have an age", "HELD", { heldMs: null, locks: [] }, "-"],
  ])("%s", (_, name, change, text) => {
    expect(cell(SCREEN_COLUMNS, name, { ...VIEW, ...change })).toBe(text);
  });
});

const SUMMARY: HolderSummary = {
  path: PATH,
  pid: 4242,
  name: "python app.py",
  lock: "WRITE",
  role: "shm",
  times: 1204,
  totalMs: 12_000,
  longestMs: 1840,
  share: 0.25,
  blockedAttempts: 0,
  cutOff: false,
};

describe("of the summary", () => {
  test.each<[string, string, Partial<HolderSummary>, string]>([
    ["a process that was gone before its name was read", "COMMAND", { name: null }, "?"],
    ["a command that fits", "COMMAND", { name: "x".repeat(32) }, "x".repeat(32)],
    ["a longer command", "COMMAND", { name: "x".repeat(33) }, `${"x".repeat(29)}...`],
    ["a lock of SQLite", "LOCK", {}, "WRITE"],
    ["another lock: its file", "LOCK", { lock: "FOREIGN", role: "database" }, "FOREIGN(database)"],
    ["how often", "TIMES", {}, "1,204"],
    ["for how long", "TOTAL", {}, "12 s"],
    ["for longer than was seen", "TOTAL", { cutOff: true }, ">= 12 s"],
    ["the longest", "LONGEST", {}, "1.8 s"],
    ["a tenth of the time", "SHARE", { share: 0.1 }, "10 %"],
    ["less", "SHARE", { share: 0.099 }, "9.9 %"],
    ["never", "SHARE", { share: 0 }, "0.0 %"],
    ["always", "SHARE", { share: 1 }, "100 %"],
    ["attempts of others", "BLOCKED", { blockedAttempts: 12_345 }, "12,345"],
  ])("%s", (_, name, change, text) => {
    expect(cell(SUMMARY_COLUMNS, name, { ...SUMMARY, ...change })).toBe(text);
  });

  test("the database by its name alone", () => {
    expect(DATABASE_COLUMN.value({ ...SUMMARY, path: "/srv/a\nb.db" })).toBe("a\\nb.db");
  });
});
