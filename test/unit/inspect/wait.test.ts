import { expect, test } from "vitest";
import { blockingHolders } from "../../../src/inspect/wait.ts";
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
