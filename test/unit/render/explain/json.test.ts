import { expect, test } from "vitest";
import { explain } from "../../../../src/features/explain/explain.ts";
import type { Reason } from "../../../../src/features/explain/rank.ts";
import { explanationDocument } from "../../../../src/render/explain/json.ts";
import { reasonText } from "../../../../src/render/explain/reason.ts";
import { ENTRIES, recognise } from "../../features/explain/fixtures.ts";

test("the document has the sentences, and nothing that is only for the renderer", () => {
  const explanation = explain(
    { entries: ENTRIES, pages: {} },
    {
      named: null,
      recognition: recognise("database is locked"),
      timing: { elapsedMs: 20, timeoutMs: 5000 },
      report: null,
      database: null,
      version: "1",
    },
  );
  const { waited, causes, schemaVersion } = explanationDocument(explanation);
  expect(schemaVersion).toBe(1);
  expect(Object.keys(waited ?? {}).toSorted()).toEqual([
    "elapsedFrom",
    "elapsedLine",
    "elapsedMs",
    "sentence",
    "sure",
    "timeoutFrom",
    "timeoutLine",
    "timeoutMs",
    "verdict",
  ]);
  expect(causes.map(({ id, standing, why }) => [id, standing, why])).toEqual([
    ["upgrade", "fits", "it failed at once"],
    ["holder", "ruled-out", "it failed at once"],
    ["none", "ruled-out", "a timeout is set"],
    ["own", "ruled-out", "it failed at once"],
  ]);
  expect(causes[0]).not.toHaveProperty("reason");
  expect(causes[0]).not.toHaveProperty("likelihood");
});

test.each<[Reason, string]>([
  [{ kind: "extended-code", name: "SQLITE_BUSY_SNAPSHOT" }, "the code is SQLITE_BUSY_SNAPSHOT"],
  [{ kind: "findings", ids: ["deleted-file", "hot-journal"] }, "deleted-file, hot-journal was found"],
  [{ kind: "sign", sign: { id: "exclusive", pid: 7 } }, "7 holds EXCLUSIVE now"],
  [{ kind: "sign", sign: { id: "exclusive", pid: null } }, "an unknown process holds EXCLUSIVE now"],
  [{ kind: "sign", sign: { id: "writer", pid: 7 } }, "7 holds the write lock now"],
  [{ kind: "sign", sign: { id: "lasting-writer", pid: 7 } }, "7 has held the write lock for a while"],
  [{ kind: "sign", sign: { id: "asleep", pid: 7 } }, "7 is asleep: none of its connections is waiting now"],
  [{ kind: "sign", sign: { id: "reader", pid: 7 } }, "7 is reading now"],
  [{ kind: "waited-whole-timeout" }, "it waited the whole timeout"],
  [{ kind: "library-sets-no-timeout" }, "the library sets none by default"],
  [{ kind: "timeout-is-zero" }, "the timeout is 0"],
])("%j", (reason, expected) => {
  expect(reasonText(reason)).toBe(expected);
});
