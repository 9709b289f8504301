/** The WAL of a database, how fast it grows, and when the disk is full at that rate. Pure. */
import type { WalGrowth } from "../../features/watch/wal-growth.ts";
import type { DatabaseReport } from "../../model/report.ts";
import { framesText } from "../../text/frames.ts";
import { size } from "../../text/size.ts";

/** `WAL 12 MiB, +1.2 MiB per minute; at this rate the disk is full in about 3 h (3,021 frames)`. */
export function walText(growth: WalGrowth, wal: DatabaseReport["wal"]): string {
  const { sizeBytes, perMinuteBytes } = growth;
  if (sizeBytes === 0) return "WAL empty";
  const frames = wal === null ? "" : ` (${framesText(wal)})`;
  const grows = perMinuteBytes === null ? "" : perMinuteBytes === 0 ? ", not growing" : `, +${growthText(growth)}`;
  return `WAL ${size(sizeBytes)}${grows}${frames}`;
}

/** `1.2 MiB per minute; at this rate the disk is full in about 3 h`. */
export function growthText({ perMinuteBytes, diskFullInMs }: WalGrowth): string {
  const full =
    diskFullInMs === null || diskFullInMs > LONGEST_MS
      ? ""
      : `; at this rate the disk is full ${inAbout(diskFullInMs)}`;
  return `${size(perMinuteBytes ?? 0)} per minute${full}`;
}

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

/** What is further away says nothing. */
const LONGEST_MS = 30 * DAY;

/** It is an estimate: one unit. */
function inAbout(ms: number): string {
  if (ms < MINUTE) return "in less than a minute";
  if (ms < 2 * HOUR) return `in about ${Math.round(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `in about ${Math.round(ms / HOUR)} h`;
  return `in about ${Math.round(ms / DAY)} days`;
}
