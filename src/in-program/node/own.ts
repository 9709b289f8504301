/** Taken before the program runs: it may replace them, as test frameworks do with the clock. */
import fs from "node:fs";

export const { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, writeSync } = fs;

export const { apply, construct } = Reflect;

export const startTimer = setTimeout;
export const afterThis = queueMicrotask;

const { bigint } = process.hrtime;

/** Microseconds of CLOCK_MONOTONIC. */
export function now(): number {
  return Number(bigint()) / 1000;
}
