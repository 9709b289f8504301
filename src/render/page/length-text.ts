/** A length of time, in as few characters as an axis has room for, or exactly. Loads nothing but wording. */
import { duration } from "../../text/duration.ts";

/** `3 us`, `0.4 ms`, `12 ms`, `5.8 s`, `4 m 12 s`: three digits at most. */
export function lengthText(ms: number): string {
  if (ms === 0) return "0";
  if (ms < 0.1) return `${digits(ms * 1_000)} us`;
  if (ms < 1_000) return `${digits(ms)} ms`;
  return ms < 60_000 ? `${digits(ms / 1_000)} s` : duration(ms);
}

/** `3.2 us`, `0.413 ms`, `12.05 ms`, `1.009 s`, `4 m 12 s`: to a microsecond, or four digits. */
export function exactLength(ms: number): string {
  if (ms === 0) return "0";
  if (ms < 0.1) return `${Number((ms * 1_000).toFixed(1))} us`;
  if (ms < 1_000) return `${Number(ms.toPrecision(4))} ms`;
  return ms < 60_000 ? `${Number((ms / 1_000).toPrecision(4))} s` : duration(ms);
}

function digits(number: number): string {
  return String(Number(number < 10 ? number.toFixed(1) : number.toFixed(0)));
}
