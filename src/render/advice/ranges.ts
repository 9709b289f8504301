/** Ranges in sentences: what is certain is told as it is, and what is not with its bounds. Pure. */
import type { CountRange, Range } from "../../recording/distribution/durations.ts";
import { durationAtMost, fineDuration } from "../../text/duration.ts";
import { grouped } from "../../text/list.ts";

/** `1.5 s`, `at most 1.6 s`, `at least 3.0 s`, `0.9 to 1.1 s`. */
export function rangeText({ atLeastMs, atMostMs }: Range): string {
  if (atMostMs === null) return `at least ${fineDuration(atLeastMs)}`;
  const [low, high] = [fineDuration(atLeastMs), durationAtMost(atMostMs)];
  if (atLeastMs === atMostMs) return low;
  return low === high ? low : `at most ${high}`;
}

/** `none`, `23`, `3 to 23`. */
export function countText({ atLeast, atMost }: CountRange): string {
  if (atLeast === atMost) return atLeast === 0 ? "none" : grouped(atLeast);
  return `${grouped(atLeast)} to ${grouped(atMost)}`;
}

/** `0 %`, `3 %`, `less than 0.1 %`. */
export function shareText(share: number): string {
  if (share === 0) return "0 %";
  if (share < 0.001) return "less than 0.1 %";
  return `${share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;
}

/** `3 %`, `5.0 % to 100 %`. */
export function sharesText({ atLeast, atMost }: CountRange): string {
  const [low, high] = [shareText(atLeast), shareText(atMost)];
  return low === high ? low : `${low} to ${high}`;
}
