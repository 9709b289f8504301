/** What the program may replace, as test frameworks do with the clock: taken before it runs. */
import type fs from "node:fs";

export interface Own {
  readonly fs: Readonly<Pick<typeof fs, "closeSync" | "fstatSync" | "openSync" | "readFileSync" | "writeSync">> & {
    readonly readlinkSync: (path: string) => string;
  };
  readonly startTimer: typeof setTimeout;
  readonly afterThis: typeof queueMicrotask;
  readonly bigint: () => bigint;
  readonly getBuiltinModule: (name: string) => unknown;
  readonly prepareStackTrace: unknown;
}

export let own: Own;

/** Before anything else here is called. */
export function useOwn(taken: Own): void {
  own = taken;
}

/** Microseconds of CLOCK_MONOTONIC. */
export function now(): number {
  return Number(own.bigint()) / 1000;
}
