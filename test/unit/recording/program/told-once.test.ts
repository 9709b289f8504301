/** A transaction that both the source and the program tell of has one line. */
import { expect, test } from "vitest";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import { Joiner } from "../../../../src/recording/program/joiner.ts";
import { type ProgramMessage, parseMessage } from "../../../../src/recording/program/message.ts";
import { Programs } from "../../../../src/recording/program/programs.ts";
import { lockLine, transactionLine } from "../../../support/recording.ts";

const PATH = "/srv/app/db.sqlite3";

const BEGUN = [
  ["who", 4250, 1, 1, 4250, null, null],
  ["site", 4250, 2, 1, [["/srv/app/a.py", 3, "save"]], false],
  ["sql", 4250, 3, 1, "begin immediate", 0],
  ["open", 4250, 4, 1, 1, 1, 90_000, 90_100, "sqlite3", PATH, { timeoutMs: 5_000 }],
  ["call", 4250, 5, 1, 1, 1, 1, 100_000, 100_100, "b", 1, 100, null],
];
const ENDED = ["end", 4250, 6, 1, 1, 1, 0, 140_000, 140_100, "commit", 1, 200, 39_000, 1, 1];

/** `needsProgram`: as of samples. `seen`: what the source tells. */
function linesOf(
  messages: readonly (readonly unknown[])[],
  needsProgram: boolean,
  seen: RecordingLine = transactionLine({ fromMs: 100, writeFromMs: 100, toMs: 140 }),
): readonly RecordingLine[] {
  const lines: RecordingLine[] = [];
  const toMs = (us: number) => us / 1_000;
  let joiner: Joiner | null = null;
  const programs = new Programs({
    ...{ toMs, shown: ({ text }) => text, isRecorded: (path) => path === PATH },
    emit: (line) => joiner?.add(line, 0),
    emitAlone: (line) => joiner?.add(line, 0, true),
  });
  const options = {
    programs,
    exact: !needsProgram,
    needsProgram: () => needsProgram,
    heldNow: () => [],
    isWal: () => true,
  };
  joiner = new Joiner(options, (line) => lines.push(line));
  programs.begin(4250, "1000");
  for (const message of messages) programs.next(parseMessage(JSON.stringify(message)) as ProgramMessage);
  joiner.add(seen, 0);
  programs.ended(4250);
  joiner.end();
  return lines.filter(({ type }) => type === seen.type);
}

test("beside samples: that of the program, which knows more", () => {
  expect(linesOf([...BEGUN, ENDED], true)).toMatchObject([
    { callSite: { file: "/srv/app/a.py", line: 3 }, program: { alone: true, pause: { ms: 39 } }, outcome: "commit" },
  ]);
});

test("with the kernel: that of the kernel, with the lines of code", () => {
  const lines = linesOf([...BEGUN, ENDED], false);
  expect(lines).toMatchObject([{ insideMs: 5, callSite: { line: 3 }, program: { connectionId: 1 } }]);
  expect(lines[0]).not.toHaveProperty("program.alone");
});

test("beside samples, of a process that was killed in it", () => {
  expect(linesOf(BEGUN, true)).toMatchObject([{ program: { alone: true }, outcome: "process-ended", toMs: null }]);
});

test("beside samples, of a long statement outside of a transaction: that of the program", () => {
  const alone = ["call", 4250, 5, 1, 1, 1, 1, 100_000, 140_000, "as", 1, 40_000, null];
  expect(linesOf([...BEGUN.slice(0, -1), alone], true)).toMatchObject([
    { insideMs: 40, outcome: "commit", callSite: { line: 3 }, program: { alone: true } },
  ]);
});

test("beside samples, of a process without a tracer on this database: that of the samples", () => {
  expect(linesOf([], true)).toMatchObject([{ insideMs: 5, callSite: null }]);
});

test.each([
  ["of its open transaction", 110, [{ callSite: { line: 3, sure: "likely" } }]],
  ["of its call", 100.05, [{ callSite: { line: 3 } }]],
  ["of none, before it began", 90, [{ callSite: null }]],
])("with the kernel, the line of a lock: that %s", (_, fromMs, expected) => {
  const taken = ["call", 4250, 6, 1, 1, 1, 1, 100_000, 100_100, "w", 1, 100, null];
  const lock = lockLine({ fromMs, toMs: 140, atLeast: true });
  expect(linesOf([...BEGUN, taken, ENDED], false, lock)).toMatchObject(expected);
});
