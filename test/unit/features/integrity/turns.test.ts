import { expect, test } from "vitest";
import { Turns } from "../../../../src/features/integrity/turns.ts";

const INDEXES = [{ table: "a" }, { table: "a" }, { table: "b" }];

test("each index once, by whichever worker asks", () => {
  const turns = new Turns<string>(INDEXES);
  expect([turns.take("one"), turns.take("two")]).toEqual([0, 1]);
  turns.tell("two", 1, "same");
  expect(turns.take("two")).toBe(2);
  expect(turns.take("one")).toBeNull();
  turns.tell("two", 2, "unproved");
  expect(turns.all).toBeNull();
  turns.tell("one", 0, "same");
  expect(turns.all).toEqual(["same", "same", "unproved"]);
  expect([turns.workers, turns.done]).toEqual([2, 3]);
});

test("what a worker had begun when it ended is another one's, and what it says of it later does not count", () => {
  const turns = new Turns<string>(INDEXES);
  expect(turns.take("one")).toBe(0);
  turns.lose("one");
  turns.tell("one", 0, "same");
  expect([turns.take("two"), turns.take("two")]).toEqual([0, 1]);
  expect([turns.done, turns.workers]).toEqual([0, 0]);
});

test("other indexes of a table that SQLite's own check looks at are not compared", () => {
  const turns = new Turns<string>(INDEXES);
  expect(turns.take("one")).toBe(0);
  turns.tell("one", 0, "differs");
  expect(turns.take("one")).toBe(2);
  turns.tell("one", 2, "same");
  expect(turns.all).toEqual(["differs", "differs", "same"]);
});

test("no index: all are done", () => {
  expect(new Turns<string>([]).all).toEqual([]);
});
