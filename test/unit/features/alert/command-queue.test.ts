/** One command at a time of each database. */
import { expect, test } from "vitest";
import { CommandQueue } from "../../../../src/features/alert/command-queue.ts";

const item = (path: string, id: number) => ({ path, id });
const all = () => true;
const none = () => false;

test("the first one starts, the next one waits for its end; another database is another matter", () => {
  const queue = new CommandQueue<ReturnType<typeof item>>();
  expect(queue.add(item("a", 1))).toBe("start");
  expect(queue.add(item("a", 2))).toBe("wait");
  expect(queue.add(item("b", 3))).toBe("start");
  expect(queue.ended("a", all)).toEqual({ next: item("a", 2), dropped: [] });
  expect(queue.ended("a", all)).toEqual({ next: null, dropped: [] });
  expect(queue.add(item("a", 4))).toBe("start");
});

test("those whose lock was released meanwhile are dropped", () => {
  const queue = new CommandQueue<ReturnType<typeof item>>();
  for (const id of [1, 2, 3, 4]) queue.add(item("a", id));
  expect(queue.waiting.map(({ id }) => id)).toEqual([2, 3, 4]);
  expect(queue.ended("a", ({ id }) => id === 3)).toEqual({ next: item("a", 3), dropped: [item("a", 2)] });
  expect(queue.ended("a", none)).toEqual({ next: null, dropped: [item("a", 4)] });
  expect(queue.add(item("a", 5))).toBe("start");
});

test("behind a command that hangs, no more than a hundred wait; another database is not concerned", () => {
  const queue = new CommandQueue<ReturnType<typeof item>>();
  const turns = Array.from({ length: 10_000 }, (_, id) => queue.add(item("a", id)));
  expect(turns.indexOf("full")).toBe(101);
  expect(queue.waiting).toHaveLength(100);
  expect(queue.add(item("b", 1))).toBe("start");
  queue.ended("a", all);
  expect(queue.add(item("a", 1))).toBe("wait");
});
