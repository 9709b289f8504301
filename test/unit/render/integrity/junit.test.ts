import fc from "fast-check";
import { expect, test } from "vitest";
import type { DatabaseCheck } from "../../../../src/features/integrity/report.ts";
import { renderJunit } from "../../../../src/render/integrity/junit.ts";
import { anyReport } from "../../../support/any-report.ts";
import {
  absent,
  CONTEXT,
  check,
  checks,
  corrupt,
  databaseCheck,
  integrityReport,
  locked,
  problem,
} from "../../../support/integrity.ts";
import { expectJunit } from "../../../support/xml.ts";

const render = (...databases: DatabaseCheck[]) => renderJunit(integrityReport(...databases), CONTEXT);

const numbers = (text: string) =>
  [...text.matchAll(/ (tests|failures|errors|skipped)="(\d+)"/g)]
    .map(([, name, value]) => `${name} ${value}`)
    .join(", ");

test("a corrupt database", async () => {
  const text = render(corrupt({ remedy: "restore it" }));
  await expectJunit(text);
  // long-lines: XML as it is written
  expect(text).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites>
      <testsuite name="/srv/app/db.sqlite3" package="sqlock.integrity" id="0" timestamp="2026-01-02T03:04:05" hostname="runner" tests="5" failures="2" errors="0" skipped="0" time="0.130">
        <properties>
          <property name="verdict" value="corrupt"/>
          <property name="journalMode" value="rollback"/>
          <property name="pageSize" value="4096"/>
          <property name="pageCount" value="12"/>
          <property name="sizeBytes" value="49152"/>
          <property name="method" value="in-place"/>
          <property name="readLockMs" value="110"/>
        </properties>
        <testcase name="header" classname="/srv/app/db.sqlite3" time="0.025"/>
        <testcase name="companion-files" classname="/srv/app/db.sqlite3" time="0.025"/>
        <testcase name="structure" classname="/srv/app/db.sqlite3" time="0.025">
          <failure type="structure" message="5 problems, first wrong # of entries in index orders_by_date">table orders, index orders_by_date:
      wrong # of entries in index orders_by_date
      row 17 missing from index orders_by_date
      row 18 missing from index orders_by_date
      row 19 missing from index orders_by_date
      row 20 missing from index orders_by_date
    To do: restore it</failure>
        </testcase>
        <testcase name="virtual-tables" classname="/srv/app/db.sqlite3" time="0.025"/>
        <testcase name="foreign-keys" classname="/srv/app/db.sqlite3" time="0.025">
          <failure type="foreign-keys" message="1 problem, first row 4 of orders refers to a row of customers that does not exist">table orders:
      row 4 of orders refers to a row of customers that does not exist
    To do: restore it</failure>
        </testcase>
        <system-out>rollback journal, 48 KiB, 12 pages of 4096
    checked in place in 0.1 s; read lock for 0.1 s: no commits during that time</system-out>
        <system-err/>
      </testsuite>
    </testsuites>
    "
  `);
  // long-lines end
});

test("a problem is a failure, what could not be checked an error, what was left out is skipped", async () => {
  const left = checks({
    "foreign-keys": { result: "not-checked", reason: "skipped (--no-foreign-keys)", reasonCode: "left-out" },
  });
  expect(numbers(render(corrupt()))).toBe("tests 5, failures 2, errors 0, skipped 0");
  expect(numbers(render(locked()))).toBe("tests 5, failures 0, errors 3, skipped 0");
  expect(numbers(render(databaseCheck({ checks: left })))).toBe("tests 5, failures 0, errors 0, skipped 1");
  expect(render(databaseCheck({ checks: left }))).toContain("<skipped>skipped (--no-foreign-keys)</skipped>");
  await expectJunit(render(corrupt()), render(locked()), render(databaseCheck({ checks: left })));
});

test("a verdict that no check shows has its own case: it cannot be read as passed", async () => {
  const nothing = render(absent());
  expect(numbers(nothing)).toBe("tests 1, failures 0, errors 1, skipped 0");
  expect(nothing).toContain('<error type="no-such-file" message="none.db does not exist">');
  expect(numbers(render(corrupt({ checks: [check("header")] })))).toBe("tests 2, failures 1, errors 0, skipped 0");
  expect(
    numbers(render(absent({ checks: [check("header", { result: "not-checked", reasonCode: "left-out" })] }))),
  ).toBe("tests 2, failures 0, errors 1, skipped 1");
  await expectJunit(nothing);
});

test(
  "what the schema of Ant wants: an index, a timestamp without a zone, a host, properties, system-out and " +
    "system-err",
  () => {
    const text = render(databaseCheck(), absent());
    expect(text).toContain('package="sqlock.integrity" id="0" timestamp="2026-01-02T03:04:05" hostname="runner"');
    expect(text.match(/ id="1"/g)).toHaveLength(1);
    for (const element of ["<properties>", "<system-out", "<system-err"]) expect(text.split(element)).toHaveLength(3);
    expect(text).toMatch(/time="0\.130">/);
  },
);

test("text that XML takes for its own, or that it cannot hold, stays visible", async () => {
  const evil = "a<b>&\"'\u0000\u001b\n\ufffe\ud800]]>";
  const text = render(corrupt({ path: "true", problems: [problem(evil, { table: evil })] }));
  await expectJunit(text);
  expect(text).toContain('name="true"');
  expect(text).toContain("a&lt;b&gt;&amp;&quot;&apos;\\x00\\e\\n\\u{fffe}\ufffd]]&gt;");
});

test("nothing to check is an empty document", async () => {
  await expectJunit(render());
});

test("any report fits the schema", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyReport, { minLength: 4, maxLength: 4 }), async (reports) => {
      await expectJunit(...reports.map((report) => renderJunit(report, CONTEXT)));
    }),
    { numRuns: 12 },
  );
});

test("a document that does not fit is noticed", async () => {
  await expect(expectJunit("<testsuites><testsuite/></testsuites>")).rejects.toThrow();
  await expect(expectJunit("<testsuites>\u0001</testsuites>")).rejects.toThrow();
});
