import { expect, test } from "vitest";
import { findingsOn, orderFindings } from "../../../../src/features/explain/current-findings.ts";
import type { RankedCause } from "../../../../src/features/explain/rank.ts";
import type { Finding, FindingId } from "../../../../src/model/report.ts";
import { databaseReport, report } from "../../../support/report.ts";
import { cause } from "./fixtures.ts";

const found = (...ids: FindingId[]) => ids.map((finding) => ({ database: "db", finding }));

const ranked = (likelihood: RankedCause["likelihood"], id: string, ...findings: FindingId[]): RankedCause => ({
  cause: cause({ id, findings }),
  likelihood,
  reason: null,
});

const order = (ids: readonly FindingId[], causes: readonly RankedCause[] = []) =>
  orderFindings(found(...ids), causes).map(({ finding, cause: shown }) => `${finding} ${shown}`);

test("as the report has them, where no cause shows", () => {
  expect(order(["hot-journal", "uncommitted-write"])).toEqual(["hot-journal null", "uncommitted-write null"]);
  expect(order(["hot-journal"], [ranked("fits", "a", "hot-journal")])).toEqual(["hot-journal null"]);
});

test("what shows the first cause comes first, and a deleted file before all", () => {
  const causes = [ranked("this-time", "a", "uncommitted-write"), ranked("this-time", "b", "hot-journal")];
  expect(order(["deleted-file", "disk-full", "hot-journal", "uncommitted-write"], causes)).toEqual([
    "deleted-file null",
    "uncommitted-write a",
    "hot-journal b",
    "disk-full null",
  ]);
});

test("which process to end comes last where ending it may lose data", () => {
  const causes = [ranked("this-time", "a", "orphaned-holder")];
  expect(order(["orphaned-holder", "disk-full"], causes)).toEqual(["orphaned-holder a", "disk-full null"]);
  expect(order(["orphaned-holder", "exclusive-locking-mode"], causes)).toEqual([
    "exclusive-locking-mode null",
    "orphaned-holder a",
  ]);
});

test("of a report each finding once for each database", () => {
  const finding = (id: FindingId): Finding => ({
    id,
    severity: "info",
    pids: [],
    summary: "s",
    detail: "d",
    remedy: "r",
  });
  const failed = { givenAs: "x", error: { code: "no-such-file", message: "m", hint: "h" } };
  const database = databaseReport({ path: "/a", findings: [finding("disk-full"), finding("disk-full")] });
  expect(findingsOn(report([database, failed, { ...database, path: "/b" }]))).toEqual([
    { database: "/a", finding: "disk-full" },
    { database: "/b", finding: "disk-full" },
  ]);
  expect(findingsOn(null)).toEqual([]);
});
