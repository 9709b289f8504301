import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { LockedInodes } from "../../../../src/features/kernel-source/locked-inodes.ts";
import type { LockedFile } from "../../../../src/trace/filter.ts";
import { tempFolder } from "../../../support/temp.ts";

test("the kernel is told of files when they change, and not at every look where there is not even a folder", () => {
  const path = join(tempFolder(), "no", "app.db");
  const told: (readonly LockedFile[])[] = [];
  const enable = (files: readonly LockedFile[]) => void told.push(files);
  const files = new LockedInodes({ paths: [path], now: () => 0, enable, add: () => {}, meet: () => {} });
  files.look();
  files.look();
  expect(told).toEqual([[]]);
  mkdirSync(dirname(path));
  writeFileSync(path, "");
  files.look();
  files.look();
  files.end();
  expect(told.slice(1).flat()).toEqual([{ device: expect.any(Number), inode: statSync(path, { bigint: true }).ino }]);
});

/** 200 drains, 50 ms apart; `tookMs`: how long a look at the files takes, by its number. */
function drains(tookMs: (look: number) => number, enableMs = 0) {
  const path = join(tempFolder(), "app.db");
  let nowMs = 0;
  let looks = 0;
  let looksMs = 0;
  let asked = 0;
  const now = () => {
    if (asked > 0 && --asked === 0) {
      const took = tookMs(looks++);
      nowMs += took;
      looksMs += took;
    }
    return nowMs;
  };
  const files = new LockedInodes({
    paths: [path],
    now,
    enable: () => {
      nowMs += enableMs;
    },
    add: () => {},
    meet: () => {},
  });
  const look = files.look.bind(files);
  files.look = () => {
    asked = 2; // before and after the look at the files
    look();
  };
  const known: number[] = [];
  for (let turn = 0; turn < 200; turn++) {
    known.push(files.lookIfDue());
    nowMs += 50;
  }
  files.end();
  return { share: looksMs / nowMs, looks, known };
}

test("where a look takes long, events wait for the next one: looks take a third of the time", () => {
  const { share, looks, known } = drains(() => 100);
  expect(share).toBeLessThan(0.34);
  expect(looks).toBeGreaterThan(10);
  expect(known.slice(1, 6)).toEqual([150, 150, 150, 150, 450]);
});

test("one that had to wait for a CPU, and telling the kernel, are no reason to look less often", () => {
  expect(drains((look) => (look % 2 === 0 ? 200 : 0)).looks).toBe(200);
  expect(drains(() => 0, 300).looks).toBe(200);
});
