/** `report --json`: docs/report.schema.json. Times in ms since the beginning of what is reported. Pure. */
import type { ReadSpan, ReportInput } from "../../features/report/input.ts";
import type { MomentReport } from "../../features/report/moment.ts";
import type { DamagedFile } from "../../features/report/read-file.ts";
import { isListed, type Wanted } from "../../features/report/wanted-lines.ts";
import { writtenSummary } from "../../recording/document/uncounted.ts";
import type { HistoryFacts } from "../../recording/history/history.ts";
import { onAxis } from "../../recording/history/on-axis.ts";
import type { RecordingLine } from "../../recording/lines.ts";
import { VERSION } from "../../version.ts";
import type { Clock } from "./clock.ts";

const REPORT_VERSION = 1;

export function documentHead() {
  return { schemaVersion: REPORT_VERSION, sqlock: VERSION };
}

export function spanDocument({ paths, span, meta }: ReportInput, { facts, summary, damaged }: ReadSpan, clock: Clock) {
  const { fromMs, toMs } = span;
  return {
    ...documentHead(),
    ...recordingPart(paths, facts, damaged, fromMs, clock),
    span: { fromMs: 0, toMs: toMs - fromMs, from: clock.iso(fromMs), to: clock.iso(toMs) },
    summary: writtenSummary(summary, meta),
    at: null,
  };
}

interface MomentFacts {
  readonly paths: readonly string[];
  readonly facts: HistoryFacts;
  readonly moment: MomentReport;
  readonly wanted: Wanted;
  readonly clock: Clock;
}

export function momentDocument({ paths, facts, moment: report, wanted, clock }: MomentFacts) {
  const { atMs, state, databases, blanks, damaged, blank, processes, knownUntilMs } = report;
  const shifted = <T extends RecordingLine>(line: T) => onAxis(line, { ms: -atMs, connections: 0 }) as T;
  return {
    ...documentHead(),
    ...recordingPart(paths, { ...facts, blanks }, damaged, atMs, clock),
    span: { fromMs: 0, toMs: 0, from: clock.iso(atMs), to: clock.iso(atMs) },
    summary: null,
    at: {
      time: clock.iso(atMs),
      recorded: blank === null,
      knownUntilMs: knownUntilMs === null ? null : knownUntilMs - atMs,
      processes,
      databases: databases.map(({ path, holders, waits, wal }) => ({
        path,
        blocked: waits.length > 0,
        holders: holders.map(({ holder, main, locks, transaction, waiting }) => ({
          ...{ pid: holder.pid, startTicks: main.startTicks, activity: holder.activity, blocks: holder.blocks },
          ...{ heldMs: atMs - main.fromMs, waiting, locks: locks.map(shifted) },
          transaction: transaction === null ? null : shifted(transaction),
        })),
        waits: waits.filter((wait) => isListed(wait, wanted)).map(shifted),
        moreWaits: waits.filter((wait) => !isListed(wait, wanted)).length,
        wal: wal === null ? null : shifted(wal),
      })),
      counts: state.counts.map(shifted),
      before: state.before === null ? null : shifted(state.before),
      after: state.after === null ? null : shifted(state.after),
      more: state.more,
    },
  };
}

function recordingPart(
  paths: readonly string[],
  { runs, blanks, suspensions, clockSteps, fromMs, toMs }: HistoryFacts,
  damaged: readonly DamagedFile[],
  zeroMs: number,
  clock: Clock,
) {
  const part = (from: number, to: number) => ({
    ...{ fromMs: from - zeroMs, toMs: to - zeroMs },
    ...{ from: clock.iso(from), to: clock.iso(to) },
  });
  return {
    recording: {
      ...{ paths, zone: clock.zone.name, ...part(fromMs, toMs) },
      runs: runs.map((run) => ({
        ...part(run.fromMs, run.toMs),
        ...{ end: run.end, sqlock: run.meta.sqlock, source: run.meta.source, exact: run.meta.exact },
        ...{ startedAt: run.meta.startedAt, minWaitMs: run.meta.minWaitMs, statements: run.meta.statements },
        databases: run.meta.databases.map(({ path }) => path),
      })),
      blanks: blanks.map((blank) => ({ ...part(blank.fromMs, blank.toMs), why: blank.why })),
      suspensions: suspensions.map(({ atMs, lengthMs }) => ({ atMs: atMs - zeroMs, at: clock.iso(atMs), lengthMs })),
      clockSteps: clockSteps.map(({ atMs, byMs }) => ({ atMs: atMs - zeroMs, at: clock.iso(atMs), byMs })),
      damaged,
    },
  };
}
