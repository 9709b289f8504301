/** `report --compare OTHER`: before and after. */
import type { MetaLine, RecordingLine } from "../../recording/lines.ts";
import { blankMs } from "./blank-time.ts";
import { planBlocks } from "./comparison/blocks.ts";
import { Collector } from "./comparison/collect.ts";
import { compareRecorded, type DatabaseComparison, type Recorded } from "./comparison/compare.ts";
import type { ReportInput } from "./input.ts";

export interface ComparedRecording {
  readonly paths: readonly string[];
  readonly source: MetaLine["source"];
  readonly startedAt: string;
  readonly zone: string;
  /** ms of which the recording tells something. */
  readonly watchedMs: number;
  readonly databases: readonly string[];
}

export interface ComparisonResult {
  readonly before: ComparedRecording;
  readonly after: ComparedRecording;
  readonly databases: readonly DatabaseComparison[];
}

/** Lines of counts may be added up to so many for each block. */
const COUNTS_OF_BLOCK = 20;

/** `input`: before; `other`: after. @throws UserError */
export async function compareReports(input: ReportInput, other: ReportInput): Promise<ComparisonResult> {
  const plan = planBlocks(lengthOf(input), lengthOf(other));
  const collect = async (each: ReportInput, blocks: number): Promise<Recorded> => {
    const lengthMs = plan?.lengthMs ?? Math.max(1, lengthOf(each));
    const collector = new Collector(each.span.fromMs, blocks, lengthMs);
    collector.add(each.meta);
    const take = (line: RecordingLine) => {
      if (line.type !== "meta") collector.add(line);
    };
    // A line of counts is in the block of its middle.
    const countsMs = Math.floor(lengthMs / COUNTS_OF_BLOCK);
    const { facts } = await each.read(take, countsMs > 1_000 ? { countsMs } : {});
    const { meta, span } = each;
    return { meta, span, blanks: facts.blanks, blocks, databases: collector.databases };
  };
  const [before, after] = [await collect(input, plan?.before ?? 1), await collect(other, plan?.after ?? 1)];
  return {
    before: recordingOf(input, before),
    after: recordingOf(other, after),
    databases: compareRecorded(before, after, plan),
  };
}

function lengthOf({ span }: ReportInput): number {
  return Math.max(0, span.toMs - span.fromMs);
}

function recordingOf({ paths, meta, span }: ReportInput, { blanks, databases }: Recorded): ComparedRecording {
  return {
    ...{ paths, source: meta.source, startedAt: meta.startedAt, zone: meta.zone },
    watchedMs: span.toMs - span.fromMs - blankMs(blanks, span),
    databases: databases.map(({ path }) => path),
  };
}
