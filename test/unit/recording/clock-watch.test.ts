import { expect, test } from "vitest";
import { type Clocks, ClockWatch } from "../../../src/recording/clock-watch.ts";

const START = 1_700_000_000_000;
const clocks = (atMs: number, wallMs: number, bootMs: number | null): Clocks => ({
  atMs,
  wallMs: START + wallMs,
  bootMs: () => bootMs,
});

test("clocks that go on together tell nothing, nor does what reading them may take", () => {
  const watch = new ClockWatch(clocks(0, 0, 5_000));
  expect(watch.look(clocks(1_000, 1_000, 6_000))).toBeNull();
  expect(watch.look(clocks(2_000, 2_050, 7_000))).toBeNull();
  expect(watch.look(clocks(3_000, 2_950, 8_000))).toBeNull();
});

test("a clock that was set is told once; so is one that drifts away slowly", () => {
  const watch = new ClockWatch(clocks(0, 0, 5_000));
  expect(watch.look(clocks(1_000, 3_601_000, 6_000))).toEqual({
    ...{ atMs: 1_000, wallMs: START + 3_601_000, suspendedMs: 0 },
  });
  expect(watch.look(clocks(2_000, 3_602_000, 7_000))).toBeNull();
  expect(watch.look(clocks(3_000, 3_000, 8_000))).toMatchObject({ wallMs: START + 3_000 });
  expect(watch.look(clocks(4_000, 4_030, 9_000))).toBeNull();
  expect(watch.look(clocks(5_000, 5_060, 10_000))).toMatchObject({ atMs: 5_000, suspendedMs: 0 });
});

test("a machine that slept: the wall clock and the boot clock went on", () => {
  const watch = new ClockWatch(clocks(0, 0, 5_000));
  expect(watch.look(clocks(1_000, 601_000, 606_000))).toMatchObject({ suspendedMs: 600_000 });
  expect(watch.look(clocks(2_000, 602_000, 607_000))).toBeNull();
  // set back by an hour while it slept for a minute
  expect(watch.look(clocks(3_000, 603_000 - 3_540_000, 668_000))).toMatchObject({ suspendedMs: 60_000 });
});

test("without a boot clock it is not known whether it slept", () => {
  const watch = new ClockWatch(clocks(0, 0, null));
  expect(watch.look(clocks(1_000, 601_000, null))).toMatchObject({ suspendedMs: 0 });
});
