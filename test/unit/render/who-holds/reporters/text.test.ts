import { expect, test } from "vitest";
import type { PathError, Report } from "../../../../../src/model/report.ts";
import { PLAIN } from "../../../../../src/render/style.ts";
import { reportText } from "../../../../../src/render/who-holds/reporters/text.ts";
import { databaseReport, holder, report } from "../../../../support/report.ts";

const CONTEXT = { columns: null, lockWords: "none", ownContainer: () => null, style: async () => PLAIN } as const;

const pathError = (givenAs: string): PathError => ({
  givenAs,
  error: { code: "no-such-file", message: `${givenAs} does not exist`, hint: "check the path" },
});

test.each<[string, Report["databases"], boolean, string]>([
  ["a database", [databaseReport()], true, ""],
  [
    "one between two paths that could not be looked at",
    [pathError("a"), databaseReport(), pathError("b")],
    true,
    "sqlock: a does not exist; check the path\nsqlock: b does not exist; check the path\n",
  ],
  ["such a path alone", [pathError("a\nb")], false, "sqlock: a\\nb does not exist; check the path\n"],
])("%s", async (_, databases, hasText, err) => {
  const output = await reportText(report(databases), CONTEXT);
  expect(output.err).toBe(err);
  expect(output.out.includes("db.sqlite3")).toBe(hasText);
});

test("without a source, the columns are those of /proc", async () => {
  const { out } = await reportText(report([databaseReport({ holders: [holder()] })], { source: null }), CONTEXT);
  expect(out).toMatch(/^ PID +USER +COMMAND +STATE/m);
});
