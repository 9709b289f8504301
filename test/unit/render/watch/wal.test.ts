/** The line of the WAL. */
import { expect, test } from "vitest";
import type { WalGrowth } from "../../../../src/features/watch/wal-growth.ts";
import { walText } from "../../../../src/render/watch/wal.ts";

const [MIB, MINUTE, HOUR, DAY] = [2 ** 20, 60_000, 3_600_000, 86_400_000];
const GROWTH: WalGrowth = { sizeBytes: 12 * MIB, perMinuteBytes: 1.2 * MIB, measuredMs: 60_000, diskFullInMs: null };
const WAL = {
  frames: 3021,
  checkpointedFrames: 12,
  uncommittedFrames: 0,
  checkpointedKnown: true,
  readMarks: [],
  unreadBytes: 0,
  complete: true,
};

test.each<[Partial<WalGrowth>, string]>([
  [{}, "WAL 12 MiB, +1.2 MiB per minute (3,021 frames)"],
  [{ perMinuteBytes: null }, "WAL 12 MiB (3,021 frames)"],
  [{ perMinuteBytes: 0 }, "WAL 12 MiB, not growing (3,021 frames)"],
  [{ sizeBytes: 0 }, "WAL empty"],
])("%o: %s", (change, text) => {
  expect(walText({ ...GROWTH, ...change }, WAL)).toBe(text);
});

test("how many frames it has is not known", () => {
  expect(walText(GROWTH, null)).toBe("WAL 12 MiB, +1.2 MiB per minute");
});

test.each([
  [0, "in less than a minute"],
  [90 * 1000, "in about 2 min"],
  [2 * HOUR - MINUTE, "in about 119 min"],
  [3 * HOUR + 20 * MINUTE, "in about 3 h"],
  [47 * HOUR, "in about 47 h"],
  [3 * DAY, "in about 3 days"],
])("the disk is full in %d ms: %s", (diskFullInMs, text) => {
  expect(walText({ ...GROWTH, diskFullInMs }, WAL)).toBe(
    `WAL 12 MiB, +1.2 MiB per minute; at this rate the disk is full ${text} (3,021 frames)`,
  );
});

test("in more than a month: nothing is said", () => {
  expect(walText({ ...GROWTH, diskFullInMs: 31 * DAY }, WAL)).not.toContain("disk");
});
