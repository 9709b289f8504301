import { expect, test } from "vitest";
import { LineFilter } from "../../../../src/features/record/filter.ts";
import type { ProcessLine, RecordingLine } from "../../../../src/recording/lines.ts";
import { BLOCKER, META, transactionLine, waitLine } from "../../../support/record-end.ts";
import { connectionLine, misuseLine, refusalLine } from "../../../support/recording.ts";

const WAITER: ProcessLine = {
  type: "process",
  pid: 4250,
  startTicks: "200",
  name: "gunicorn",
  commandLine: null,
  user: null,
  uid: null,
  unit: "app.service",
  unitManager: "system",
  unitUid: null,
  container: null,
};

const NOBODY = { pids: [], units: [], unitUids: [] };

function shown(
  only: Partial<typeof NOBODY> | { readonly pids: number[] },
  ...lines: readonly RecordingLine[]
): boolean[] {
  const filter = new LineFilter({ ...NOBODY, ...only });
  return lines.map((line) => filter.shows(line));
}

test("without --pid and --unit everything is shown", () => {
  expect(shown({}, META, WAITER, waitLine(), transactionLine())).toEqual([true, true, true, true]);
});

test("of a process: its own lines, and the waits that it is in the way of", () => {
  const other = waitLine({ pid: 1, blockers: [{ ...BLOCKER, pid: 2 }] });
  expect(shown({ pids: [4242] }, META, waitLine(), transactionLine(), other)).toEqual([true, true, true, false]);
});

test("of who waits: the wait, with its blocker and the blocker's name; not the blocker's own lines", () => {
  const blocker: ProcessLine = { ...WAITER, pid: 4242, startTicks: "100", unit: null };
  expect(shown({ pids: [4250] }, blocker, waitLine(), transactionLine())).toEqual([true, true, false]);
});

test("of a unit: its processes, and not a later process of the same number", () => {
  const later = waitLine({ startTicks: "900", blockers: [] });
  const only = { units: ["app.service"] as never[] };
  expect(shown(only, WAITER, waitLine(), later)).toEqual([true, true, false]);
});

test.each<[ProcessLine["unitManager"], number | null, boolean]>([
  ["system", null, true],
  ["user", 1000, true],
  ["user", 1001, false],
  ["container", null, false],
  [null, null, false],
])("of a unit's name, manager %s of uid %s: %s", (unitManager, unitUid, isShown) => {
  const only = { units: ["app.service"] as never[], unitUids: [0, 1000] as never[] };
  expect(shown(only, { ...WAITER, unitManager, unitUid }, waitLine({ blockers: [] }))).toEqual([true, isShown]);
});

test("connections and misuses of the process; refusals that it is in the way of, as the programs tell", () => {
  const refused = refusalLine({ pid: 1, startTicks: "1", blockers: [BLOCKER] });
  const lines = [connectionLine({ pid: 4242 }), misuseLine({ pid: 4242 }), refused, connectionLine(), misuseLine()];
  expect(shown({ pids: [4242] }, ...lines)).toEqual([true, true, true, false, false]);
});

test("of a unit", () => {
  const own = { pid: 4250, startTicks: "200" };
  const lines = [WAITER, connectionLine(own), misuseLine(own), connectionLine({ ...own, startTicks: "201" })];
  expect(shown({ units: ["app.service"] } as unknown as Partial<typeof NOBODY>, ...lines)).toEqual([
    ...[true, true, true, false],
  ]);
});
