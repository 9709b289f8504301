/** Times of the day and durations, as exact as the readings are. Pure. */
import { duration } from "../../text/duration.ts";

/** `12:03:07.214`, in the time zone of this machine. */
export function timeOf(at: Date, digits: 0 | 3 = 3): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const seconds = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return digits === 0 ? seconds : `${seconds}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** `20 ms`, `1.8 s`, `4 m 12 s`. */
export function shortTime(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms);
}
