import { describe, expect, test } from "vitest";
import type { HolderSummary } from "../../../../src/features/watch/event.ts";
import type { HolderView } from "../../../../src/features/watch/holder-view.ts";
import type { TableColumn } from "../../../../src/render/column.ts";
import { DATABASE_COLUMN, SCREEN_COLUMNS, SUMMARY_COLUMNS } from "../../../../src/render/watch/columns.ts";
import { lock } from "../../../support/report.ts";
import { PATH } from "../../../support/watch-event.ts";
import { figures, holderView } from "../../../support/watch-view.ts";

function cell<Row>(columns: readonly TableColumn<Row>[], name: string, row: Row): string {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column.value(row);
}

const VIEW = holderView({
  activity: "writing",
  locks: [lock("WRITE"), lock("SHARED")],
  heldMs: 2049,
  blocks: ["writers", "checkpoints", "journal-mode"],
  figures: figures(),
});

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
    ["for how long", "HELD-FOR", {}, "2.0 s"],
    ["at least for how long", "HELD-FOR", { atLeast: true }, ">= 2.0 s"],
    ["less than a second, in tenths", "HELD-FOR", { heldMs: 299 }, "200 ms"],
    ["a lock of unknown age", "HELD-FOR", { heldMs: null }, "?"],
    ["no lock that could have an age", "HELD-FOR", { heldMs: null, locks: [] }, "-"],
    ["the locks of an open connection", "HELD-FOR", { activity: "idle", locks: [lock("SHARED"), lock("DMS")] }, "-"],
    ["it has closed the database", "ACTIVITY", { gone: { atMs: 0, how: "closed" } }, "closed"],
    ["it has ended", "ACTIVITY", { gone: { atMs: 0, how: "ended" } }, "ended"],
    ["it shows no lock any more", "ACTIVITY", { gone: { atMs: 0, how: null } }, "gone"],
    ["how often", "TIMES", {}, "45 writes"],
    ["once", "TIMES", { figures: figures({ times: 1, of: "reads" }) }, "1 read"],
    ["checkpoints", "TIMES", { figures: figures({ of: "checkpoints" }) }, "45 ckpts"],
    ["locks that are not SQLite's", "TIMES", { figures: figures({ of: "locks" }) }, "45 locks"],
    ["9999 times", "TIMES", { figures: figures({ times: 9999 }) }, "9999 writes"],
    ["more often", "TIMES", { figures: figures({ times: 12_999 }) }, "12k writes"],
    ["a million times", "TIMES", { figures: figures({ times: 1_999_999 }) }, "1M writes"],
    ["never", "TIMES", { figures: null }, "-"],
    ["in all", "TOTAL", {}, "10 s"],
    ["the longest", "LONGEST", {}, "450 ms"],
    ["the longest, held before the watching began", "LONGEST", { figures: figures({ atLeast: true }) }, ">= 450 ms"],
    ["the share of the time", "SHARE", {}, "46 %"],
    ["a small share", "SHARE", { figures: figures({ share: 0.0994 }) }, "9.9 %"],
    ["all of the time", "SHARE", { figures: figures({ share: 1 }) }, "100 %"],
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
