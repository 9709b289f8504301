import fc from "fast-check";
import { expect, test } from "vitest";
import { RecordingReader } from "../../../../src/recording/document/reader.ts";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import { Tally } from "../../../../src/recording/summary/tally.ts";
import {
  countsLine,
  lockLine,
  metaLine,
  processLine,
  refusalLine,
  transactionLine,
  waitLine,
} from "../../../support/recording.ts";

const LINES: readonly RecordingLine[] = [
  metaLine({ only: { pids: [1], units: ["a.service"] } }),
  processLine(),
  processLine({ startTicks: null, name: null, commandLine: null, user: null, uid: null }),
  { type: "unknown", atMs: 1, what: "sql", why: "no-symbols", pids: [1], untilMs: null },
  { type: "statement", id: 1, atMs: 0, sql: "select …", length: 8, cut: false },
  { type: "statement", id: 2, atMs: 0, sql: "select …", length: 8, cut: true, bytes: 900, bytesAtLeast: true },
  lockLine({ sharedBy: 2, callSite: { file: "a.py", line: 3, function: null }, statement: 1 }),
  lockLine({ toMs: null, fromMs: -5, connection: null }),
  waitLine({ whileReading: true }),
  transactionLine(),
  refusalLine({ why: "same-process" }),
  { type: "gap", fromMs: 1, toMs: 2, lostEvents: 3 },
  countsLine({
    ...{ holds: { WRITE: { times: 1, totalMs: 2, longestMs: 2, writes: 1 } }, writeTransactions: 1, commits: 1 },
    ...{ oneStatement: [{ tid: 1, sql: "insert", times: 1, heldMs: 1 }], gaveUp: 1, refusals: 2 },
  }),
  { type: "database", atMs: 1, path: "/a.db", change: "replaced" },
  { type: "folded", fromMs: 0, toMs: 5, lines: 3 },
];

function read(pieces: readonly string[], longestLine?: number) {
  const lines: RecordingLine[] = [];
  const reader = new RecordingReader((line) => lines.push(line), longestLine === undefined ? {} : { longestLine });
  for (const piece of pieces) if (!reader.push(piece)) break;
  return { lines, result: reader.end() };
}

const textOf = (lines: readonly unknown[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join("");
const META = textOf([metaLine()]);

test("what was written is read, whatever the pieces", () => {
  const text = textOf([...LINES, new Tally().summary()]);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 20 }), (cuts) => {
      const borders = [0, ...cuts.sort((a, b) => a - b), text.length];
      const { lines, result } = read(borders.slice(1).map((border, index) => text.slice(borders[index], border)));
      expect(lines).toEqual(LINES);
      expect(result).toEqual({ isComplete: true, refused: null, lines: LINES.length, problems: [], moreProblems: 0 });
    }),
    { numRuns: 30 },
  );
});

test("a recorder that was killed left a cut last line, at most", () => {
  const text = textOf(LINES);
  fc.assert(
    fc.property(fc.integer({ min: META.length, max: text.length }), (length) => {
      const { lines, result } = read([text.slice(0, length)]);
      expect(lines).toEqual(LINES.slice(0, lines.length));
      expect(result.isComplete).toBe(false);
      expect(result.problems.every(({ kind }) => kind === "cut")).toBe(true);
      expect(result.problems.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 50 },
  );
});

const change = (line: object, changes: object) => `${META}${JSON.stringify({ ...line, ...changes })}\n`;

test.each([
  ["no JSON", `${META}hello\n`, { line: 2, kind: "not-json", text: "hello" }],
  ["no object", `${META}[]\n`, { kind: "not-json" }],
  ["no type", `${META}{}\n`, { kind: "not-json" }],
  ["a type of a later version", change({}, { type: "weather" }), { kind: "unknown-type", type: "weather" }],
  ["a type that every object has", change({}, { type: "toString" }), { kind: "unknown-type" }],
  ["no number", change(lockLine(), { fromMs: "1" }), { kind: "bad-field", type: "lock", field: "fromMs" }],
  ["a field that is missing", change(lockLine(), { fromMs: undefined }), { kind: "bad-field", field: "fromMs" }],
  [
    "a number beyond all",
    `${META}${JSON.stringify(lockLine()).replace('"fromMs":100', '"fromMs":1e999')}\n`,
    { field: "fromMs" },
  ],
  ["a time beyond 2^53", change(lockLine(), { toMs: 1e300 }), { field: "toMs" }],
  ["a length below 0", change(waitLine(), { waitedMs: -1 }), { field: "waitedMs" }],
  ["half a process", change(lockLine(), { pid: 1.5 }), { field: "pid" }],
  ["a process below 0", change(lockLine(), { pid: -1 }), { field: "pid" }],
  ["an unknown lock", change(lockLine(), { lock: "SOME" }), { field: "lock" }],
  ["a list that is none", change(waitLine(), { blockers: {} }), { field: "blockers" }],
  ["a list of something else", change(waitLine(), { blockers: [1] }), { field: "blockers" }],
  ["counts of something else", change(countsLine(), { holds: { WRITE: 1 } }), { field: "holds" }],
  ["a NUL in it", `${META}\0\n`, { kind: "not-json" }],
])("%s costs its line alone", (_, text, problem) => {
  const { lines, result } = read([text, textOf([refusalLine()])]);
  expect(result.problems).toMatchObject([{ line: 2, ...problem }]);
  expect(lines.map(({ type }) => type)).toEqual(["meta", "refusal"]);
});

test("fields of a later version are left out", () => {
  const { lines, result } = read([change(lockLine(), { mood: "good", __proto__: { a: 1 } })]);
  expect(lines[1]).toEqual(lockLine());
  expect(result.problems).toEqual([]);
});

test("lines without end, and JSON without bottom", () => {
  const deep = `{"type":"gap","fromMs":1,"toMs":2,"lostEvents":3,"x":${"[".repeat(300_000)}${"]".repeat(300_000)}}`;
  const { lines, result } = read([META, deep, "\n", "x".repeat(400_000), "y".repeat(400_000), "\n"], 700_000);
  expect(lines[1]).toEqual({ type: "gap", fromMs: 1, toMs: 2, lostEvents: 3 });
  expect(result.problems).toEqual([{ line: 3, kind: "too-long" }]);
});

test("of many problems the first are named", () => {
  const { result } = read([META, "no\n".repeat(1_000)]);
  expect([result.problems.length, result.moreProblems]).toEqual([20, 980]);
});

test.each([
  ["nothing", "", { kind: "not-a-recording", schemaVersion: null }],
  ["another file", "SQLite format 3\0\n\n", { kind: "not-a-recording", schemaVersion: null }],
  ["another file in one line", "x".repeat(1_000), { kind: "not-a-recording", schemaVersion: null }],
  ["lines without meta", textOf([lockLine()]), { kind: "not-a-recording", schemaVersion: null }],
  ["a later schema", textOf([{ type: "meta", schemaVersion: 2 }, lockLine()]), { kind: "newer", schemaVersion: 2 }],
])("%s is refused", (_, text, refused) => {
  const { lines, result } = read([text]);
  expect(result.refused).toEqual(refused);
  expect(lines).toEqual([]);
});
