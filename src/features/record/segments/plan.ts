/** What is to be done with what a folder has: pure. */
import type { HiddenFile, Listing, SegmentFile } from "./listing.ts";
import { bySegment } from "./names.ts";

/**
 * What another machine or a container writes has a new segment once an hour at least: what was not written to for
 * longer is finished, or was left behind.
 */
const WRITTEN_WITHIN_MS = 3_600_000;
/** A recorder writes once a minute, at least: see OPEN_EVERY_MS. Its marker may have been deleted by somebody. */
const ALIVE_MS = 120_000;
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

/**
 * `run`: of this recorder. `current`: the name of the file that it writes; null: none. `over`: other runs whose
 * recorder is known to have ended.
 */
export function planOf(
  { segments, hidden }: Listing,
  run: string,
  current: string | null,
  over: ReadonlySet<string>,
  nowMs: number,
): FolderPlan {
  const elsewhere = new Set(hidden.flatMap((each) => (each.maker.kind === "elsewhere" ? (each.run ?? []) : [])));
  const compressed = new Set(segments.flatMap(({ segment, name }) => (segment.compressed ? [name] : [])));
  const leftovers = hidden.filter((each) => isLeftover(each, run, nowMs)).map(({ name }) => name);
  const finished: SegmentFile[] = [];
  for (const file of segments.toSorted((a, b) => bySegment(a.segment, b.segment))) {
    const { name, segment, writtenMs } = file;
    if (name === current) continue;
    const isKnown = segment.compressed || segment.run === run || over.has(segment.run);
    const ageMs = nowMs - writtenMs;
    const isWritten = elsewhere.has(segment.run) ? ageMs < WRITTEN_WITHIN_MS : Math.abs(ageMs) < ALIVE_MS;
    if (!isKnown && isWritten) continue;
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
