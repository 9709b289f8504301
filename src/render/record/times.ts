/** The time of the day at a moment of the recording, in the time zone of this machine. Pure. */
import type { MetaLine } from "../../recording/lines.ts";
import { timeOf } from "../watch/times.ts";

/** `12:03:07.214`. `atMs`: since the start of the recording. */
export function clockText({ startedAt }: Pick<MetaLine, "startedAt">, atMs: number, digits: 0 | 3 = 3): string {
  return timeOf(new Date(Date.parse(startedAt) + atMs), digits);
}
