import { expect, test } from "vitest";
import { blockingHolders, isFree } from "../../../src/inspect/wait.ts";
import { databaseReport, holder } from "../../support/report.ts";

test("who is waited for: holders that keep readers or writers out, of every database", () => {
  const reader = holder({ pid: 1, blocks: ["commits", "checkpoints", "journal-mode"] });
  const writer = holder({ pid: 2, blocks: ["writers"] });
  const other = holder({ pid: 3, blocks: ["readers"] });
  const failed = { givenAs: "x", error: { code: "no-such-file", message: "m", hint: "h" } };
  const blockers = blockingHolders({
    databases: [databaseReport({ holders: [reader, writer] }), failed, databaseReport({ holders: [other] })],
  });
  expect(blockers.map((each) => each.holder.pid)).toEqual([2, 3]);
});

test("free: no lock that keeps others out, and nothing that opening it would harm", () => {
  const idle = databaseReport({ holders: [holder()] });
  const found = { id: "lost-locks", pids: [4242], summary: "s", detail: "d", remedy: "r" } as const;
  expect(isFree({ databases: [idle] })).toBe(true);
  expect(isFree({ databases: [idle, { ...idle, findings: [{ ...found, severity: "error" }] }] })).toBe(false);
  const other = { ...found, id: "other-locking", severity: "info" } as const;
  expect(isFree({ databases: [{ ...idle, findings: [other] }] })).toBe(true);
});
