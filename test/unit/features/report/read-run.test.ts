/** What is open when a run ends: what has a line of its own, what was only counted, what a killed recorder left. */
import { expect, test } from "vitest";
import type { FileTask } from "../../../../src/features/report/read-file.ts";
import { readRun } from "../../../../src/features/report/read-run.ts";
import type { Run } from "../../../../src/recording/history/history.ts";
import type { LockLine, RecordingLine, WaitLine } from "../../../../src/recording/lines.ts";
import type { OpenLine } from "../../../../src/recording/state-lines.ts";
import { lockLine, metaLine, processLine, waitLine } from "../../../support/recording.ts";

const SPAN = { fromMs: 0, toMs: 100_000 };
const SHORT = lockLine({ pid: 100, tid: 100, fromMs: 59_998, toMs: null, atLeast: true });
const LONG = lockLine({ pid: 200, tid: 200, fromMs: 30_000, toMs: null, atLeast: true });
const SHORT_WAIT = waitLine({ pid: 300, tid: 300, fromMs: 59_995, waitedMs: 5, outcome: "still" });

/** Looked at 60 s: one lock is held for long by then, one was taken 2 ms before. */
const OPEN: OpenLine = { type: "open", atMs: 60_000, locks: [SHORT, LONG], waits: [SHORT_WAIT], transactions: [] };

async function linesOf(end: Run["end"], lines: readonly RecordingLine[]): Promise<(LockLine | WaitLine)[]> {
  const taken: (LockLine | WaitLine)[] = [];
  const task = {
    ...{ source: { name: "f", path: "f", isSegment: false }, fromMs: 0, toMs: 90_000, span: SPAN },
    ...{ isFollowed: false, isBeyond: false },
    ...{ countsSpan: SPAN, countsMs: null, withBuckets: true },
  } satisfies FileTask;
  await readRun(
    {
      run: { meta: metaLine({ minWaitMs: 10 }), fromMs: 0, toMs: 90_000, end },
      ...{ move: { ms: 0, connections: 0 }, span: SPAN, tasks: [task], isLast: true },
    },
    async (_, give) => {
      for (const line of lines) give(line);
      return { blanks: [], damaged: null };
    },
    (line) => {
      if (line.type === "lock" || line.type === "wait") taken.push(line);
    },
    { blanks: [], damaged: [] },
  );
  return taken;
}

test("a short lock that was open at a look, and then only counted, is not held until the end", async () => {
  const ended = { ...LONG, toMs: 70_000, atLeast: false };
  expect(await linesOf("complete", [OPEN, ended])).toEqual([ended]);
});

test("of a killed recorder, what is long is held until its end; of the short, the look is known", async () => {
  expect(await linesOf("cut", [OPEN])).toEqual([{ ...SHORT, toMs: 60_000, atLeast: true }, LONG, SHORT_WAIT]);
});

test("the file after a time tells what was open in it, and of which process", async () => {
  const taken: RecordingLine[] = [];
  const span = { fromMs: 0, toMs: 59_999 };
  const source = { name: "f", path: "f", isSegment: false };
  const rest = { source, span, countsSpan: span, countsMs: null, withBuckets: true };
  const tasks: FileTask[] = [
    { ...rest, fromMs: 0, toMs: 60_000, isFollowed: true, isBeyond: false },
    { ...rest, fromMs: 60_000, toMs: 90_000, isFollowed: false, isBeyond: true },
  ];
  const who = { pid: 200, startTicks: "2" };
  await readRun(
    {
      run: { meta: metaLine({ minWaitMs: 10 }), fromMs: 0, toMs: 90_000, end: "complete" },
      ...{ move: { ms: 0, connections: 0 }, span, tasks, isLast: true },
    },
    async ({ isBeyond }, give) => {
      const lines: RecordingLine[] = [
        processLine(who),
        processLine({ pid: 9 }),
        { ...OPEN, locks: [{ ...LONG, ...who }], waits: [] },
      ];
      if (isBeyond) for (const line of lines) give(line);
      return { blanks: [], damaged: null };
    },
    (line) => taken.push(line),
    { blanks: [], damaged: [] },
  );
  expect(taken.slice(1)).toEqual([processLine(who), { ...LONG, ...who, toMs: 60_000 }]);
});
