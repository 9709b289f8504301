import { expect, test } from "vitest";
import { inParallel } from "../../../../src/features/integrity/pool.ts";

/** Works that end when the test says so. */
class Works {
  readonly started: string[] = [];
  readonly #ends = new Map<string, (result: Promise<string>) => void>();

  readonly work = (item: string, i: number): Promise<string> => {
    this.started.push(`${i}${item}`);
    return new Promise((resolve) => this.#ends.set(item, resolve));
  };

  async end(item: string, result: Promise<string> = Promise.resolve(item.toUpperCase())): Promise<void> {
    this.#ends.get(item)?.(result);
    await new Promise(setImmediate); // all that follows from it has happened
  }
}

test("at most so many at a time, the next one when one has ended, the results in the order of the items", async () => {
  const works = new Works();
  const results = inParallel(["a", "b", "c", "d"], 2, works.work);
  expect(works.started).toEqual(["0a", "1b"]);
  await works.end("b");
  expect(works.started).toEqual(["0a", "1b", "2c"]);
  await works.end("c");
  await works.end("d");
  expect(works.started).toEqual(["0a", "1b", "2c", "3d"]);
  await works.end("a");
  expect(await results).toEqual(["A", "B", "C", "D"]);
});

test.each([
  ["no items", [], 4, []],
  ["fewer items than that", ["a"], 4, ["a0"]],
  ["one at a time", ["a", "b", "c"], 1, ["a0", "b1", "c2"]],
])("%s", async (_, items: string[], max, results) => {
  expect(await inParallel(items, max, async (item, i) => item + i)).toEqual(results);
});

test("one that fails fails all of it", async () => {
  const works = new Works();
  const results = inParallel(["a", "b"], 2, works.work);
  const failed = expect(results).rejects.toThrow("no");
  await works.end("b", Promise.reject(new Error("no")));
  await failed;
});
