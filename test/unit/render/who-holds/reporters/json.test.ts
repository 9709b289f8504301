import { expect, test } from "vitest";
import { PLAIN } from "../../../../../src/render/style.ts";
import { reportJson } from "../../../../../src/render/who-holds/reporters/json.ts";
import { databaseReport, holder, lock, report } from "../../../../support/report.ts";

const CONTEXT = { columns: null, lockWords: "none", ownContainer: () => null, style: async () => PLAIN } as const;

const PATH_ERROR = { givenAs: "x", error: { code: "no-such-file", message: "x does not exist", hint: "check it" } };

test("numbers that pass 2^53 are decimal strings, times are ISO 8601, and an error is in the document", async () => {
  const locks = [lock("FOREIGN", { start: 2n ** 60n, end: null })];
  const { out, err } = await reportJson(
    report([databaseReport({ holders: [holder({ locks })] }), PATH_ERROR]),
    CONTEXT,
  );
  expect(err).toBe("");
  expect(out.endsWith("}\n")).toBe(true);
  expect(JSON.parse(out)).toMatchObject({
    takenAt: "2026-01-02T03:04:05.678Z",
    databases: [
      {
        files: [{ inode: "2155506", sizeBytes: 49152 }],
        holders: [{ startTicks: "391571", locks: [{ start: "1152921504606846976", end: null }] }],
      },
      PATH_ERROR,
    ],
  });
});

test("nothing that was found", async () => {
  const { out } = await reportJson(report([], { source: null }), CONTEXT);
  expect(JSON.parse(out)).toMatchObject({ databases: [], source: null, unseen: null });
});
