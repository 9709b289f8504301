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

test("where a look takes long, events wait for the next one: looks take a third of the time", () => {
  const path = join(tempFolder(), "app.db");
  let nowMs = 0;
  let looksMs = 0;
  const now = () => nowMs;
  const files = new LockedInodes({ paths: [path], now, enable: () => {}, add: () => {}, meet: () => {} });
  const look = files.look.bind(files);
  files.look = () => {
    look();
    nowMs += 100;
    looksMs += 100;
  };
  const known: number[] = [];
  for (let turn = 0; turn < 200; turn++) {
    known.push(files.lookIfDue());
    nowMs += 50;
  }
  files.end();
  expect(looksMs / nowMs).toBeLessThan(0.34);
  expect(looksMs).toBeGreaterThan(1000);
  expect(known.slice(0, 8)).toEqual([0, 0, 0, 0, 300, 300, 300, 300]);
});
