/** Which process a thread belongs to, and when it has ended. */
import { describe, expect, test } from "vitest";
import type { ExitRecord } from "../../../src/trace/events.ts";
import { Exits } from "../../../src/trace/exits.ts";
import { parseSavedTgids, Threads } from "../../../src/trace/tgid.ts";

const nobody = () => null;
const nothing = () => new Map<number, number>();
const exit = (tid: number, last: boolean | null): ExitRecord => ({ kind: "exit", atMs: 1, tid, last });

describe("the process of a thread", () => {
  test("is what a lock event said, else what /proc says, else what the kernel remembers", () => {
    const looks: number[] = [];
    const look = (tid: number) => {
      looks.push(tid);
      return tid === 20 ? 2 : null;
    };
    const threads = new Threads(look, () => new Map([[30, 3]]));
    threads.learn(10, 1);
    expect([10, 20, 20, 30, 40].map((tid) => threads.processOf(tid))).toEqual([1, 2, 2, 3, null]);
    expect(looks).toEqual([20, 30, 40]);
    expect([1, 2, 3, 4].map((pid) => threads.knownProcessOf(pid))).toEqual([1, 2, 3, null]);
  });

  test("is asked for anew once the thread has ended: the number may be another's", () => {
    const threads = new Threads(() => 7, nothing);
    threads.learn(10, 1);
    threads.forget(10);
    expect(threads.processOf(10)).toBe(7);
  });

  test("saved_tgids", () => {
    expect(parseSavedTgids("12 10\n10 10\nx\n")).toEqual(
      new Map([
        [12, 10],
        [10, 10],
      ]),
    );
  });
});

describe("the end of a process", () => {
  function endedBy(exits: Exits, record: ExitRecord): number[] {
    exits.next(record);
    exits.look(0);
    return exits.take(0, true).map(({ pid }) => pid);
  }

  function known(hasEnded: (pid: number) => boolean = () => false): Exits {
    const threads = new Threads(nobody, nothing);
    threads.learn(1, 1);
    threads.learn(11, 1);
    return new Exits(threads, hasEnded);
  }

  test.each([
    ["its only thread", [exit(1, true)], [[1]]],
    ["a thread, then the main one", [exit(11, false), exit(1, true)], [[], [1]]],
    ["the main thread, then a known one", [exit(1, false), exit(11, true)], [[], [1]]],
    ["threads of others", [exit(5, true), exit(6, false)], [[], []]],
    ["twice the same number: the second is another process", [exit(1, true), exit(1, true)], [[1], []]],
  ])("%s", (_, exits, ended) => {
    const process = known();
    expect(exits.map((record) => endedBy(process, record))).toEqual(ended);
  });

  test("the main thread first, and a thread last of which there was no event", () => {
    let over = false;
    const process = known(() => over);
    expect(endedBy(process, exit(1, false))).toEqual([]);
    expect(endedBy(process, exit(77, true))).toEqual([]);
    over = true;
    expect(endedBy(process, exit(78, true))).toEqual([1]);
    expect(endedBy(process, exit(79, true))).toEqual([]);
  });

  test("thousands of processes without a main thread, and ends of others all the time: some looks a turn", () => {
    const ended = new Set<number>();
    let looks = 0;
    const exits = new Exits(new Threads(nobody, nothing), (pid) => {
      looks += 1;
      return ended.has(pid);
    });
    for (let pid = 1; pid <= 5000; pid++) {
      exits.follow(pid, 0);
      exits.next(exit(pid, false));
    }
    looks = 0;
    for (let tid = 10_000; tid < 20_000; tid++) exits.next(exit(tid, true));
    exits.look(1);
    expect(looks).toBeLessThanOrEqual(200);
    ended.add(4999).add(3);
    const told: number[] = [];
    for (let turn = 0; turn < 50; turn++) {
      exits.next(exit(9999, true));
      exits.look(2);
      told.push(...exits.take(3, true).map(({ pid }) => pid));
    }
    expect(told).toEqual([4999, 3]);
    looks = 0;
    for (let turn = 0; turn < 50; turn++) exits.look(4);
    expect(looks).toBeLessThanOrEqual(5000);
  });

  test("of a kernel that does not say which thread is the last, /proc says it", () => {
    let over = false;
    const process = known(() => over);
    expect(endedBy(process, exit(11, null))).toEqual([]);
    over = true;
    expect(endedBy(process, exit(1, null))).toEqual([1]);
  });

  test("of one that is known from /proc alone, or was met by a close, at its exit or before", () => {
    let over = false;
    const process = known(() => over);
    process.follow(2, 0);
    expect(endedBy(process, exit(2, true))).toEqual([2]);
    expect(endedBy(process, exit(2, true))).toEqual([]);
    over = true;
    process.follow(3, 5);
    process.follow(3, 6);
    process.look(7);
    expect(process.take(6, false)).toEqual([]);
    process.closes(3, 6.5);
    expect(process.take(7, false)).toEqual([{ kind: "ended", atMs: 6.5, pid: 3 }]);
    expect(endedBy(process, exit(3, true))).toEqual([]);
    // seen after its end, and before the event of it is delivered
    process.follow(4, 5);
    process.next({ kind: "exit", atMs: 8, tid: 4, last: true });
    expect(process.take(0, true)).toEqual([{ kind: "ended", atMs: 8, pid: 4 }]);
  });

  test("is told once its locks are gone, with the time of the last one", () => {
    let over = false;
    const process = known(() => over);
    process.next({ kind: "exit", atMs: 10, tid: 1, last: true });
    process.look(20);
    expect(process.take(30, false)).toEqual([]);
    process.closes(1, 35);
    over = true;
    process.look(40);
    expect(process.take(38, false)).toEqual([]);
    process.closes(1, 39);
    expect(process.take(41, false)).toEqual([{ kind: "ended", atMs: 39, pid: 1 }]);
    expect(process.take(99, true)).toEqual([]);
  });
});
