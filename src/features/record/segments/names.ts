/**
 * The names of the files of a continuous recording: `sqlock-YYYYMMDDTHHMMSSmmmZ-NNNN.jsonl`, the start of the recorder
 * (UTC) and the number of the segment. A finished one is compressed: `.jsonl.gz`. Pure.
 */

export interface SegmentName {
  /** `20260301T031200123Z`. */
  readonly run: string;
  /** From 1 on. */
  readonly number: number;
  readonly compressed: boolean;
}

const NAME = /^sqlock-(\d{8}T\d{9}Z)-(\d{4}|[1-9]\d{4,8})\.jsonl(\.gz)?$/;

export function runOf(startedAt: Date): string {
  return startedAt.toISOString().replace(/[-:.]/g, "");
}

export function nameOf({ run, number, compressed }: SegmentName): string {
  return `sqlock-${run}-${String(number).padStart(4, "0")}.jsonl${compressed ? ".gz" : ""}`;
}

/** Null: it is no segment. */
export function segmentOf(name: string): SegmentName | null {
  const [, run, number, gz] = NAME.exec(name) ?? [];
  if (run === undefined || number === undefined || Number(number) === 0) return null;
  return { run, number: Number(number), compressed: gz !== undefined };
}

/** In the order of time. */
export function bySegment(a: SegmentName, b: SegmentName): number {
  if (a.run !== b.run) return a.run < b.run ? -1 : 1;
  return a.number - b.number;
}
