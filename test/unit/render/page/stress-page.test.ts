/** The page of a load: what the report has, and nothing of it as HTML. */
import { expect, test } from "vitest";
import type { Second } from "../../../../src/features/stress/report.ts";
import { stressPage } from "../../../../src/render/page/stress/stress-page.ts";
import { matrixReport, stressReport } from "../../../../src/render/stress/report.ts";
import { failures, stressResult } from "../../../support/stress-result.ts";

const FILES = { script: "void 0", style: ":root{}" };
const NAME = "<script>alert(1)</script>&\"'.db";

function second(number: number, commits: number): Second {
  const latency = { p50: 1, p95: 2, p99: 3, max: 4 };
  const latencyMs = { write: latency, read: latency };
  return { second: number, commits, reads: 0, errors: { SQLITE_BUSY: number }, latencyMs, walBytes: number * 4_096 };
}

test("a run: verdict, plots, times and failures", () => {
  const result = stressResult({
    failures: [failures()],
    errors: { SQLITE_BUSY: 312 },
    perSecond: [0, 1, 2].map((n) => second(n, 100 + n)),
  });
  const html = stressPage({ report: stressReport(result), version: "9.9", files: FILES });
  for (const text of ["Commits per second", "Errors per second", "Size of the -wal file", "SQLITE_BUSY", "3,688"])
    expect(html).toContain(text);
  expect(html).not.toContain("Reads per second</text>");
  expect(html.match(/<svg/g)?.length).toBe(5);
  expect(html).toContain('<section id="verdict" class="warning"');
});

test("a run that is too short for a plot has its figures", () => {
  const html = stressPage({
    report: stressReport(stressResult({ perSecond: [second(0, 5)] })),
    version: "9",
    files: FILES,
  });
  expect(html).not.toContain("Over time");
  expect(html).toContain("How long transactions took");
});

test("rows that were lost make it bad", () => {
  const sound = stressResult();
  const lost = stressResult({ verification: { ...sound.verification, lost: 3 } });
  expect(stressPage({ report: stressReport(lost), version: "9", files: FILES })).toContain('class="bad"');
});

test("a matrix: every combination has a bar and a row", () => {
  const rows = ([0, 5_000] as const).map((busyTimeoutMs) =>
    stressResult({
      settings: { ...stressResult().settings, busyTimeoutMs, database: NAME },
      standing: undefined,
    } as object),
  );
  const html = stressPage({ report: matrixReport(rows), version: "9", files: FILES });
  expect(html).toContain("delete, deferred, no timeout");
  expect(html).toContain("delete, deferred, 5 s");
  expect(html.match(/<tr/g)?.length).toBe(3);
});

test("a name that is HTML stays text", () => {
  const settings = { ...stressResult().settings, database: NAME };
  const html = stressPage({ report: stressReport(stressResult({ settings })), version: "9", files: FILES });
  expect(html).not.toContain("<script>alert");
  expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;.db");
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).toMatch(/script-src &#39;sha256-[\w+/=]+&#39;/);
});
