/** What is to be done with what a folder has: pure. */
import type { HiddenFile, Listing, SegmentFile } from "./listing.ts";
import { bySegment } from "./names.ts";

/**
 * What another machine or a container writes has a new segment once an hour at least: what was not written to for
 * longer is finished, or was left behind.
 */
const WRITTEN_WITHIN_MS = 3_600_000;
/** The marker of a recorder elsewhere, which touches it with each segment. */
const MARKER_MS = 24 * WRITTEN_WITHIN_MS;

export interface FolderPlan {
  /** Segments that no recorder writes, in the order of time; of one that is there twice, the compressed one. */
  readonly finished: readonly SegmentFile[];
  /** Names of those that are to be compressed. */
  readonly uncompressed: readonly string[];
  /** Names of what is left of recorders that have ended. */
  readonly leftovers: readonly string[];
}

/** `run`: of this recorder. `current`: the name of the file that it writes; null: none. */
export function planOf({ segments, hidden }: Listing, run: string, current: string | null, nowMs: number): FolderPlan {
  const elsewhere = new Set(hidden.flatMap((each) => (each.maker.kind === "elsewhere" ? (each.run ?? []) : [])));
  const compressed = new Set(segments.flatMap(({ segment, name }) => (segment.compressed ? [name] : [])));
  const leftovers = hidden.filter((each) => isLeftover(each, run, nowMs)).map(({ name }) => name);
  const finished: SegmentFile[] = [];
  for (const file of segments.toSorted((a, b) => bySegment(a.segment, b.segment))) {
    const { name, segment, writtenMs } = file;
    if (name === current) continue;
    if (!segment.compressed && elsewhere.has(segment.run) && nowMs - writtenMs < WRITTEN_WITHIN_MS) continue;
    // it was killed between the two steps
    if (!segment.compressed && compressed.has(`${name}.gz`)) leftovers.push(name);
    else finished.push(file);
  }
  const uncompressed = finished.filter(({ segment }) => !segment.compressed).map(({ name }) => name);
  return { finished, uncompressed, leftovers };
}

function isLeftover({ run: of, maker, writtenMs }: HiddenFile, run: string, nowMs: number): boolean {
  if (maker.kind === "here" || of === run) return false;
  if (maker.kind === "gone") return true;
  return nowMs - writtenMs > (of === null ? WRITTEN_WITHIN_MS : MARKER_MS);
}
