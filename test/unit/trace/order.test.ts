import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DecodedEvent } from "../../../src/trace/events.ts";
import { Order } from "../../../src/trace/order.ts";

const exit = (atMs: number, tid = 0): DecodedEvent => ({ kind: "exit", atMs, tid, last: null });
const times = (events: readonly DecodedEvent[]) => events.map(({ atMs }) => atMs);

test("CPUs are merged by time; what is newer waits", () => {
  const order = new Order();
  order.add([exit(1), exit(4), exit(7)]);
  order.add([]);
  order.add([exit(2), exit(3), exit(9)]);
  order.add([exit(5)]);
  expect(times(order.take(6))).toEqual([1, 2, 3, 4, 5]);
  order.add([exit(6), exit(8)]);
  expect(times(order.take(8))).toEqual([6, 7, 8]);
  expect(times(order.take(8))).toEqual([]);
  expect(times(order.take(Number.POSITIVE_INFINITY))).toEqual([9]);
});

test("at the same time, what was there first is first", () => {
  const order = new Order();
  order.add([exit(1, 1), exit(1, 2)]);
  order.add([exit(1, 3)]);
  expect(order.take(1).map((event) => event.kind === "exit" && event.tid)).toEqual([1, 2, 3]);
});

test("a loss stands where it begins: what follows it may be incomplete", () => {
  const order = new Order();
  order.add([exit(1), { kind: "lost", fromMs: 2, atMs: 8, events: 5 }, exit(8)]);
  order.add([exit(3), exit(9)]);
  expect(order.take(9).map(({ kind, atMs }) => `${kind} ${atMs}`)).toEqual([
    "exit 1",
    "lost 8",
    "exit 3",
    "exit 8",
    "exit 9",
  ]);
});

describe("any runs", () => {
  const run = fc.array(fc.nat(50), { maxLength: 30 }).map((values) => values.sort((a, b) => a - b));
  test("come out once each, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(run, { maxLength: 5 }), fc.nat(50)), { maxLength: 5 }), (drains) => {
        const order = new Order();
        const taken: number[] = [];
        let until = 0;
        for (const [runs, step] of drains) {
          const from = until;
          // a CPU's events of this drain are newer than what was delivered
          for (const values of runs) order.add(values.map((value) => exit(from + value)));
          until += step;
          const got = times(order.take(until));
          expect(Math.max(0, ...got)).toBeLessThanOrEqual(until);
          taken.push(...got);
        }
        taken.push(...times(order.take(Number.POSITIVE_INFINITY)));
        expect(taken).toEqual([...taken].sort((a, b) => a - b));
        expect(taken).toHaveLength(drains.flatMap(([runs]) => runs.flat()).length);
      }),
    );
  });
});
