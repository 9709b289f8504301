/** Whose files are looked at next. */
import { expect, test } from "vitest";
import { Turns } from "../../../../../src/features/kernel-source/libraries/turns.ts";

function started() {
  let nowMs = 0;
  const turns = new Turns(() => nowMs);
  const order: string[] = [];
  const work = (of: number, name: string, ms: number) =>
    turns.next(of, async () => {
      order.push(name);
      await Promise.resolve();
      nowMs += ms;
      return name;
    });
  return { work, order };
}

test("one after the other, in their order, where they are of one user", async () => {
  const { work, order } = started();
  expect(await Promise.all([work(1, "a", 5000), work(1, "b", 1), work(1, "c", 1)])).toEqual(["a", "b", "c"]);
  expect(order).toEqual(["a", "b", "c"]);
});

test("a user whose files take long waits for those of others that came later", async () => {
  const { work, order } = started();
  const slow = ["m1", "m2", "m3", "m4"].map((name) => work(1, name, 5000));
  await Promise.all([...slow, work(2, "v1", 100), work(2, "v2", 100), work(0, "r1", 100)]);
  expect(order).toEqual(["m1", "v1", "r1", "v2", "m2", "m3", "m4"]);
});

test("one that fails keeps nobody waiting, and its caller is told", async () => {
  const { work, order } = started();
  const turns = new Turns(() => 0);
  const failed = turns.next(1, () => Promise.reject(new Error("gone")));
  const after = turns.next(1, () => Promise.resolve("after"));
  await expect(failed).rejects.toThrow("gone");
  expect(await after).toBe("after");
  await work(1, "a", 1);
  await work(1, "b", 1);
  expect(order).toEqual(["a", "b"]);
});
