import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DatabaseCheck, IntegrityReport } from "../../../../src/features/integrity/report.ts";
import { renderSarif } from "../../../../src/render/integrity/sarif.ts";
import { anyReport } from "../../../support/any-report.ts";
import {
  absent,
  CONTEXT,
  checks,
  corrupt,
  databaseCheck,
  integrityReport,
  locked,
  problem,
} from "../../../support/integrity.ts";

const schema = JSON.parse(
  readFileSync(new URL("../../../fixtures/schemas/sarif-2.1.0.schema.json", import.meta.url), "utf8"),
);
const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

/** What the tests look at. */
interface Log {
  readonly runs: [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly invocations: [
        {
          readonly executionSuccessful: boolean;
          readonly toolExecutionNotifications: readonly {
            readonly level: string;
            readonly message: { readonly text: string };
          }[];
        },
      ];
      readonly results: readonly Result[];
    },
  ];
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: [{ readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } }];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}

function fitting(report: IntegrityReport, where: Partial<typeof CONTEXT> = {}): Log {
  const log = JSON.parse(renderSarif(report, { ...CONTEXT, ...where })) as Log;
  validate(log);
  expect(validate.errors ?? []).toEqual([]);
  return log;
}

const runOf = (...databases: DatabaseCheck[]) => fitting(integrityReport(...databases)).runs[0];
const prints = (results: readonly Result[]) =>
  results.map(({ partialFingerprints }) => partialFingerprints["primaryLocationLineHash"]);

test("a problem is a result, of the rule of its check", () => {
  const run = runOf(corrupt());
  expect(run.results.map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual([
    ...Array(5).fill("structure error"),
    "foreign-keys error",
  ]);
  for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  expect(run.results[1]).toMatchInlineSnapshot(`
    {
      "level": "error",
      "locations": [
        {
          "logicalLocations": [
            {
              "fullyQualifiedName": "orders/orders_by_date",
              "kind": "index",
              "name": "orders_by_date",
            },
          ],
          "physicalLocation": {
            "artifactLocation": {
              "uri": "app/db.sqlite3",
            },
            "region": {
              "startLine": 1,
            },
          },
        },
      ],
      "message": {
        "text": "row 17 missing from index orders_by_date",
      },
      "partialFingerprints": {
        "primaryLocationLineHash": "91bf334cc564840c:1",
      },
      "properties": {
        "index": "orders_by_date",
        "rowid": "17",
        "table": "orders",
      },
      "ruleId": "structure",
      "ruleIndex": 2,
    }
  `);
  expect(run.invocations[0].executionSuccessful).toBe(true);
});

test("findings are results of their own rule, with its text", () => {
  const finding = {
    id: "hot-journal",
    severity: "warning",
    pids: [],
    summary: "s.",
    detail: "d.",
    remedy: "r.",
  } as const;
  const run = runOf(databaseCheck({ findings: [finding, { ...finding, id: "hard-linked", severity: "info" }] }));
  expect(run.results.map(({ ruleId, level, message }) => [ruleId, level, message.text])).toEqual([
    ["hot-journal", "warning", "s. d. To do: r."],
    ["hard-linked", "note", "s. d. To do: r."],
  ]);
  expect(run.results.map(({ ruleIndex }) => run.tool.driver.rules[ruleIndex]?.id)).toEqual([
    "hot-journal",
    "hard-linked",
  ]);
});

test("what was not checked is said, and the run is no success; what was left out on purpose does not spoil it", () => {
  const left = databaseCheck({
    checks: checks({ "foreign-keys": { result: "not-checked", reason: "left out", reasonCode: "left-out" } }),
  });
  expect(runOf(left).invocations).toMatchObject([
    {
      executionSuccessful: true,
      toolExecutionNotifications: [{ level: "note", message: { text: "foreign-keys was not checked: left out" } }],
    },
  ]);
  const [invocation] = runOf(databaseCheck(), locked(), absent()).invocations;
  expect(invocation.executionSuccessful).toBe(false);
  expect(invocation.toolExecutionNotifications.map(({ level, message }) => `${level} ${message.text}`)).toEqual([
    "error locked by 4242 (python manage.py shell)",
    "error none.db does not exist",
  ]);
});

test("corrupt without a problem that has a name is a result all the same", () => {
  const run = runOf(
    corrupt({ problems: [], checks: checks({ header: { result: "failed" } }), reason: "the header is cut off" }),
  );
  expect(run.results.map(({ ruleId, message }) => [ruleId, message.text])).toEqual([
    ["header", "the header is cut off"],
  ]);
});

describe("where it is", () => {
  test.each([
    ["/srv/app/a b.db", "app/a%20b.db"],
    ["/srv/c:d%e?f#g.db", "c%3Ad%25e%3Ff%23g.db"],
    ["/srv/ü\ud800.db", "%C3%BC%EF%BF%BD.db"],
    ["/var/x y.db", "file:///var/x%20y.db"],
    ["none.db", "app/none.db"],
  ])("%j", (path, uri) => {
    const run = runOf(corrupt({ path }));
    expect(run.results[0]?.locations[0].physicalLocation.artifactLocation.uri).toBe(uri);
  });
});

describe("fingerprints", () => {
  test("are the same on another machine, and below another folder", () => {
    const one = fitting(integrityReport(corrupt())).runs[0].results;
    const other = fitting(integrityReport(corrupt({ path: "/home/ci/work/app/db.sqlite3", durationMs: 9 })), {
      cwd: "/home/ci",
      root: "/home/ci/work",
    }).runs[0].results;
    expect(prints(other)).toEqual(prints(one));
    expect(prints(one)[0]).toBe("d3b37df789eb24be:1"); // never to change: every alert would be opened again
  });

  test("are the same when the problem moves to another page", () => {
    const at = (page: number) =>
      corrupt({ problems: [problem(`Tree 2 page ${page} cell 3: Rowid 7 out of order`, { table: "t", page })] });
    expect(prints(runOf(at(5)).results)).toEqual(prints(runOf(at(6)).results));
  });

  test("differ for another row, table, index or check", () => {
    const base = problem("missing", { table: "t", index: "i", rowid: 1n });
    const others = [
      { ...base, rowid: 2n },
      { ...base, table: "u" },
      { ...base, index: "j" },
      { ...base, check: "foreign-keys" as const },
      { ...base, message: "other" },
    ];
    expect(new Set(prints(runOf(corrupt({ problems: [base, ...others] })).results)).size).toBe(6);
  });

  test("count the ones that are alike", () => {
    const [one, two] = prints(
      runOf(corrupt({ problems: [problem("Page 3: never used"), problem("Page 4: never used")] })).results,
    );
    expect([one?.slice(0, 16), one?.slice(16), two?.slice(16)]).toEqual([two?.slice(0, 16), ":1", ":2"]);
  });
});

test("any report fits the schema", () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const { results, invocations } = fitting(report).runs[0];
      const bad = report.databases.filter(({ verdict }) => verdict === "corrupt");
      expect(results.length).toBeGreaterThanOrEqual(bad.length);
      if (report.databases.some(({ verdict }) => verdict === "not-checked"))
        expect(invocations[0].executionSuccessful).toBe(false);
    }),
  );
});

test("a log that does not fit is noticed", () => {
  expect(
    validate({
      version: "2.1.0",
      runs: [{ tool: { driver: { name: "x" } }, results: [{ message: { text: "x" }, more: 1 }] }],
    }),
  ).toBe(false);
  expect(
    validate({
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { name: "x" } },
          results: [
            { message: { text: "x" }, locations: [{ physicalLocation: { artifactLocation: { uri: "a b" } } }] },
          ],
        },
      ],
    }),
  ).toBe(false);
});
