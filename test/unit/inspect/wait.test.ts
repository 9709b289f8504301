import { expect, test } from "vitest";
import { blockingHolders, waitStateOf } from "../../../src/inspect/wait.ts";
import type { DatabaseReport } from "../../../src/model/report.ts";
import { blocker, databaseReport, holder } from "../../support/report.ts";

const blocked = (...blockers: DatabaseReport["blockers"]) =>
  databaseReport({ holders: blockers.map(({ pid }) => holder({ pid: pid ?? 0 })), blockers });
const reader = blocker({ pid: 1, lock: "SHARED", effect: "commits" });
const writer = blocker({ pid: 2, lock: "RESERVED", effect: "writers" });
const starter = blocker({ pid: 3, lock: "EXCLUSIVE", effect: "readers" });

test("who is waited for: holders that block readers or writers; commits where that is asked for", () => {
  const failed = { givenAs: "x", error: { code: "no-such-file", message: "m", hint: "h" } };
  const databases = [blocked(reader, writer), failed, blocked(starter)];
  const pids = (commits: boolean) => blockingHolders({ databases }, { commits }).map((each) => each.holder.pid);
  expect(pids(false)).toEqual([2, 3]);
  expect(pids(true)).toEqual([1, 2, 3]);
});

test("free: no lock that blocks others, and nothing that opening it would harm", () => {
  const idle = databaseReport({ holders: [holder()] });
  const found = { id: "lost-locks", pids: [4242], summary: "s", detail: "d", remedy: "r" } as const;
  const other = { ...found, id: "other-locking", severity: "info" } as const;
  const free = (database: DatabaseReport, commits = false) =>
    waitStateOf({ databases: [database] }, { commits }) === "free";
  expect(free(idle)).toBe(true);
  expect(free({ ...idle, findings: [{ ...found, severity: "error" }] })).toBe(false);
  expect(free({ ...idle, findings: [other] })).toBe(true);
  expect(free(blocked(writer))).toBe(false);
  expect(free({ ...blocked(writer), progress: { commits: 3, counterMoved: true, withinMs: 50 } })).toBe(true);
  expect(free(blocked(reader))).toBe(true);
  expect(free(blocked(reader), true)).toBe(false);
});

test("of several: one that is blocked, or not safe to open, is the answer; then what is unknown", () => {
  const verdict = (state: DatabaseReport["verdict"]["state"]) => ({ state, blocks: [], pids: [], sentence: "" });
  const unknown = databaseReport({ verdict: verdict("unknown") });
  const danger = { id: "lost-locks", severity: "error", pids: [], summary: "s", detail: "d", remedy: "r" } as const;
  const state = (...databases: DatabaseReport[]) => waitStateOf({ databases }, { commits: false });
  expect(state(databaseReport())).toBe("free");
  expect(state(databaseReport({ verdict: verdict("open") }), databaseReport({ verdict: verdict("busy") }))).toBe(
    "free",
  );
  expect(state(unknown, databaseReport())).toBe("unknown");
  expect(state({ ...unknown, findings: [danger] })).toBe("not-free");
  expect(state(unknown, blocked(writer))).toBe("not-free");
});
