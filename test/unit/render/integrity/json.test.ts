import fc from "fast-check";
import { expect, test } from "vitest";
import { renderJson } from "../../../../src/render/integrity/json.ts";
import { anyReport } from "../../../support/any-report.ts";
import { databaseCheck, integrityReport, problem } from "../../../support/integrity.ts";

test("rowids past 2^53 are decimal strings", () => {
  const found = integrityReport(databaseCheck({ problems: [problem("x", { rowid: 9_223_372_036_854_775_807n })] }));
  expect(JSON.parse(renderJson(found)).databases[0].problems[0].rowid).toBe("9223372036854775807");
});

test("any report is a document from which nothing is missing", () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const text = renderJson(report);
      const read = JSON.parse(text, (_, value: unknown) => value);
      expect(text.endsWith("\n")).toBe(true);
      expect(
        read.databases.map(({ path, problems }: { path: string; problems: { message: string }[] }) => [
          path,
          ...problems.map((each) => each.message),
        ]),
      ).toEqual(report.databases.map(({ path, problems }) => [path, ...problems.map((each) => each.message)]));
    }),
  );
});
