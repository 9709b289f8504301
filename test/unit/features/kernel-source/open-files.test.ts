/** Which processes have a database open. */
import { closeSync, openSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EarlyUsers, hasOpen, Rarely } from "../../../../src/features/kernel-source/open-files.ts";
import { tempFolder } from "../../../support/temp.ts";

test("by the descriptors; a process that is gone has none", () => {
  const path = join(realpathSync(tempFolder()), "a.db");
  writeFileSync(path, "");
  expect(hasOpen(process.pid, [path])).toBe(false);
  const descriptor = openSync(path, "r");
  expect(hasOpen(process.pid, ["/other", path])).toBe(true);
  closeSync(descriptor);
  expect(hasOpen(2 ** 22 + 1, [path])).toBe(false);
});

test("of one with many, the first are looked at, and no more of them are asked for", () => {
  const path = join(realpathSync(tempFolder()), "a.db");
  writeFileSync(path, "");
  const many = Array.from({ length: 1_500 }, () => openSync("/dev/null", "r"));
  const descriptor = openSync(path, "r");
  expect(hasOpen(process.pid, [path])).toBe(false);
  for (const each of many) closeSync(each);
  expect(hasOpen(process.pid, [path])).toBe(true);
  closeSync(descriptor);
});

test("not more often than said, for each process", () => {
  const rarely = new Rarely(1_000, 0.2, () => 0);
  const looks = [rarely.look(1, 0, () => 1), rarely.look(1, 999, () => 2), rarely.look(2, 999, () => 3)];
  expect([...looks, rarely.look(1, 1_000, () => 4)]).toEqual([1, null, 3, 4]);
});

test("who was found to have it open has it for the next second; who was not is looked at again", () => {
  const early = new EarlyUsers(new Rarely(50, 1, () => 0));
  const found = [false, true, false, true].values();
  const has = (atMs: number) => early.has(1, atMs, () => found.next().value === true);
  expect([0, 49, 50, 60, 1_049, 1_050, 1_100].map(has)).toEqual([false, false, true, true, true, false, true]);
});

test("thousands of processes: the looks take a share of the time, and each has its turn", () => {
  let nowMs = 0;
  const rarely = new Rarely(1_000, 0.2, () => nowMs);
  const seen = new Set<number>();
  let looksMs = 0;
  for (let turn = 0; nowMs < 60_000; turn++) {
    nowMs += 1;
    const pid = turn % 997;
    rarely.look(pid, nowMs, () => {
      nowMs += 10;
      looksMs += 10;
      return seen.add(pid);
    });
  }
  expect(looksMs / nowMs).toBeLessThan(0.21);
  expect(looksMs / nowMs).toBeGreaterThan(0.15);
  expect(seen.size).toBeGreaterThan(500);
});
