import { expect, test } from "vitest";
import { PLAIN } from "../../../../src/render/style.ts";
import { namedColumns } from "../../../../src/render/who-holds/column-choice.ts";
import { findColumn } from "../../../../src/render/who-holds/columns.ts";
import {
  chosenReporter,
  type ReportContext,
  type ReporterName,
  render,
} from "../../../../src/render/who-holds/reporters/index.ts";
import { databaseReport, holder, report } from "../../../support/report.ts";

const PATH_ERROR = { givenAs: "x", error: { code: "no-such-file", message: "x does not exist", hint: "check it" } };
const REPORT = report([databaseReport({ holders: [holder()] }), PATH_ERROR]);

const rendered = (name: ReporterName, change: Partial<ReportContext> = {}) =>
  render(name, REPORT, {
    columns: null,
    lockWords: "none",
    ownContainer: () => null,
    style: async () => PLAIN,
    ...change,
  });

test("text: databases on stdout, paths with an error on stderr", async () => {
  const { out, err } = await rendered("text");
  expect(out).toContain("db.sqlite3: rollback journal");
  expect(out).toMatch(/^ PID +USER +COMMAND +STATE/m);
  expect(err).toBe("sqlock: x does not exist; check it\n");
});

test("text: the columns that were asked for, else those of the source", async () => {
  const [pid, tty] = ["PID", "TTY"].map((name) => findColumn(name));
  if (pid === undefined || tty === undefined) throw new Error("no such column");
  expect((await rendered("text", { columns: namedColumns([tty, pid]) })).out).toMatch(/^TTY +PID$/m);
  const byLsof = await render(
    "text",
    { ...REPORT, source: "lsof" },
    { columns: null, lockWords: "none", ownContainer: () => null, style: async () => PLAIN },
  );
  expect(byLsof.out).toMatch(/^ PID +USER +COMMAND +STARTED +HANDLES$/m);
});

test("json: one document with all of it, whatever the style", async () => {
  const { out, err } = await rendered("json", { style: () => Promise.reject(new Error("not needed")) });
  expect(err).toBe("");
  expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, databases: [{ holders: [{ pid: 4242 }] }, PATH_ERROR] });
});

test("an option with the name of a reporter chooses it; without one it is text", () => {
  expect([{ json: true }, { json: false }, {}].map(chosenReporter)).toEqual(["json", "text", "text"]);
});
