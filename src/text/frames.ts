/** How many frames a -wal has, in words. Pure. */
import { count } from "./list.ts";

/** `3 frames`, `at least 3 frames`. `complete`: all of them were counted. */
export function framesText({ frames, complete }: { readonly frames: number; readonly complete: boolean }): string {
  return `${complete ? "" : "at least "}${count(frames, "frame")}`;
}
