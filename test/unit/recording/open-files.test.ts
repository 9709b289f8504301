/** Locks of open files (OFD) from before the recording: /proc/locks names no process, the descriptors do. */
import { describe, expect, it } from "vitest";
import { Interpreter } from "../../../src/recording/interpreter.ts";
import type { RecordingLine } from "../../../src/recording/lines.ts";
import type { HeldSeen, SourceEvent } from "../../../src/recording/source-event.ts";
import { closes, lock, refused, SHM, start, WRITE } from "../../support/source-events.ts";

const OFD = { api: "ofd", owner: 777 } as const;
const RANGE = { device: 1, inode: SHM, start: WRITE, end: WRITE, type: "write", api: "ofd" } as const;

function held(pids: readonly number[], more: { readonly unowned?: readonly (typeof RANGE)[] } = {}): SourceEvent {
  const locks = pids.map((pid): HeldSeen => {
    const sharedWith = pids.filter((other) => other !== pid);
    return { pid, ...RANGE, ...(sharedWith.length > 0 ? { sharedWith } : {}) };
  });
  return { kind: "held", fromMs: 1, atMs: 2, locks, complete: true, ...more };
}

function linesOf(...events: readonly SourceEvent[]): RecordingLine[] {
  const lines: RecordingLine[] = [];
  const interpreter = new Interpreter({ databases: ["/db"] }, (line) => lines.push(line));
  for (const event of start().filter(({ kind }) => kind === "file")) interpreter.next(event);
  for (const event of events) interpreter.next(event);
  interpreter.end(1000);
  return lines;
}

const waitsOf = (lines: readonly RecordingLine[]) =>
  lines.flatMap((line) => (line.type === "wait" ? [line.blockers.map(({ pid }) => pid).sort()] : []));
const locksOf = (lines: readonly RecordingLine[]) =>
  lines.flatMap((line) => (line.type === "lock" ? [`${line.pid} ${line.lock} ${line.toMs} ${line.atLeast}`] : []));

describe("a lock of an open file", () => {
  const wait = (atMs: number, pid = 9) => [refused(atMs, pid, "write", WRITE), refused(atMs + 1, pid, "write", WRITE)];

  it("has the process that has the file, and is in the way until it unlocks", () => {
    const lines = linesOf(held([4]), ...wait(10), lock(20, 4, "unlock", WRITE, OFD), ...wait(300));
    expect(waitsOf(lines)).toEqual([[4], []]);
    expect(locksOf(lines)).toEqual(["4 WRITE 20 true"]);
  });

  it("is of all processes that share the file, and any of them unlocks it for all", () => {
    const lines = linesOf(held([4, 5]), ...wait(10), lock(20, 5, "unlock", WRITE, OFD), ...wait(300));
    expect(waitsOf(lines)).toEqual([[4, 5], []]);
    expect(locksOf(lines).sort()).toEqual(["4 WRITE 20 true", "5 WRITE 20 true"]);
    expect(lines.filter(({ type }) => type === "transaction")).toEqual([]);
  });

  it("stays with the others when one of them closes the file", () => {
    const lines = linesOf(held([4, 5]), closes(15, 5, SHM), ...wait(20));
    expect(waitsOf(lines)).toEqual([[4]]);
  });

  it("is not known to be held after its process closed a file, whose owner was never seen with a lock", () => {
    const lines = linesOf(held([4]), closes(15, 4, SHM, { owner: 777 }), ...wait(300));
    expect(waitsOf(lines)).toEqual([[]]);
    expect(locksOf(lines)).toEqual(["4 WRITE 15 true"]);
  });

  it("is gone with its process, also where no close was told", () => {
    const lines = linesOf(held([4]), lock(5, 4, "read", 125), { kind: "ended", atMs: 15, pid: 4 }, ...wait(700));
    expect(waitsOf(lines)).toEqual([[]]);
  });

  it("that was unlocked while /proc was read is held by none of those who share it", () => {
    const lines = linesOf(lock(1.5, 5, "unlock", WRITE, OFD), held([4, 5]), ...wait(10));
    expect(waitsOf(lines)).toEqual([[]]);
  });

  it("is in the way of a POSIX lock of the same process", () => {
    expect(waitsOf(linesOf(held([4]), ...wait(10, 4)))).toEqual([[4]]);
  });

  it("that no process was found to have is told of, where it is on a file of ours", () => {
    const other = { ...RANGE, inode: 99 };
    const unknown = (lines: readonly RecordingLine[]) => lines.filter(({ type }) => type === "unknown");
    expect(unknown(linesOf(held([], { unowned: [RANGE] })))).toMatchObject([{ what: "blocker", why: "open-file" }]);
    expect(unknown(linesOf(held([], { unowned: [other as unknown as typeof RANGE] })))).toEqual([]);
  });
});
