/** A look before a switch, without one: what would be done, and what is against it. */
import { expect, test } from "vitest";
import { resultOfLook, resultOfSwitch } from "../../../../src/features/journal-mode/journal-mode.ts";
import type { KeptMode } from "../../../../src/features/journal-mode/report.ts";
import type { SwitchOutcome } from "../../../../src/features/journal-mode/switch.ts";
import type { DatabaseReport } from "../../../../src/model/report.ts";
import { databaseReport, holder } from "../../../support/report.ts";

const ACCESS = {
  notWritable: [],
  folder: "/srv/app",
  folderWritable: true,
  hardLinked: null,
  freeBytes: null,
  fileMounts: [],
};
const OPENER = { kind: "opener", actor: { kind: "caller" }, user: null } as const;

function resultFor(change: Partial<DatabaseReport>, asked: KeptMode | null, access: object = {}) {
  const seen = { database: databaseReport(change), unseen: null, access: { ...ACCESS, ...access }, opener: OPENER };
  return resultOfLook(seen, { asked, dryRun: true, force: false });
}

test.each<[DatabaseReport["journalMode"], KeptMode | null, KeptMode, boolean]>([
  ["rollback", null, "wal", false],
  ["rollback", "wal", "wal", false],
  ["rollback", "delete", "delete", true],
  ["wal", null, "delete", false],
  ["wal", "wal", "wal", true],
  ["wal", "delete", "delete", false],
  ["unknown", "wal", "wal", false],
  ["unknown", "delete", "delete", true],
])("from %s, asked for %s: to %s, needless: %s", (journalMode, asked, to, needless) => {
  expect(resultFor({ journalMode }, asked)).toMatchObject({ to, needless, wouldSwitch: true, reason: null });
});

const READER = holder({ pid: 7, blocks: ["journal-mode"] });

test("an obstacle is the reason, then the holders; a switch that is needless has neither", () => {
  const blocked = { holders: [READER] };
  expect(resultFor(blocked, "wal", { folderWritable: false })).toMatchObject({
    wouldSwitch: false,
    reason: { kind: "obstacle", obstacle: { kind: "folder-not-writable" } },
    blockers: { holders: [{ pid: 7 }] },
  });
  expect(resultFor(blocked, "wal")).toMatchObject({
    wouldSwitch: false,
    reason: { kind: "blocked", walMode: false, hidden: false },
  });
  expect(resultFor(blocked, "delete", { folderWritable: false })).toMatchObject({
    wouldSwitch: true,
    reason: null,
    obstacles: [],
    blockers: { holders: [] },
  });
});

const OUTCOME = { failure: null, blockers: { holders: [], unowned: [] }, comparison: null, kept: null, waitedMs: 1 };
const READ = { kind: "read", mode: "wal", tables: 1 } as const;
const LATER = { database: databaseReport({ journalMode: "wal" }), unseen: null };

test("what is said after a switch is what the path shows, as long as it leads to the same file", () => {
  const shown = resultFor({ journalMode: "rollback" }, "wal");
  const after = (failure: SwitchOutcome["failure"], later: typeof LATER | null) =>
    resultOfSwitch(shown, { ...OUTCOME, failure }, later, failure === null ? READ : null);
  expect(after(null, LATER)).toMatchObject({ after: "wal", changed: true, reason: null });
  expect(after({ kind: "busy" }, { ...LATER, database: databaseReport({ journalMode: "rollback" }) })).toMatchObject({
    after: "delete",
    changed: false,
  });
  expect(after(null, null)).toMatchObject({ after: null, changed: true, reason: { kind: "moved" }, database: null });
  for (const switched of [false, true])
    expect(after({ kind: "another-file", switched }, null)).toMatchObject({
      after: null,
      changed: switched,
      reason: { kind: "failed", failure: { kind: "another-file" } },
    });
  expect(after({ kind: "busy" }, null)).toMatchObject({ after: null, changed: false });
});
