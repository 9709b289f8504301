/**
 * A recording that is read again: files and folders in, lines on one axis out. It is looked through once for what it
 * has (survey.ts), and read when its lines are asked for: then only the files that concern the time in question.
 */
import { UserError } from "../../errors.ts";
import { assemble, type FoundRun, overlapOf } from "../../recording/history/assemble.ts";
import type { Blank, HistoryFacts, Run, Span } from "../../recording/history/history.ts";
import { Starts } from "../../recording/history/starts.ts";
import type { RecordingLine } from "../../recording/lines.ts";
import { escapeText } from "../../text/escape.ts";
import { runKey } from "./one-run.ts";
import type { DamagedFile, FileTask, ReadOptions } from "./read-file.ts";
import { ReadPool } from "./read-pool.ts";
import { type Found, type ReadTask, type RunToRead, readRun } from "./read-run.ts";
import { currentPath, type FoundSource, readError, sourcesOf } from "./sources.ts";
import { type Head, headOf, notARecording, type Scan, scanOf } from "./survey.ts";

export interface History {
  readonly paths: readonly string[];
  /** `blanks` has only what is known without reading all. */
  readonly facts: HistoryFacts;
  /** What concerns the span, in the order of files and lines. @throws UserError */
  readonly read: (span: Span, taken: (line: RecordingLine) => void, options: ReadOptions) => Promise<ReadFacts>;
}

export interface ReadFacts {
  /** Of the whole history; those within files only as far as these were read. */
  readonly blanks: readonly Blank[];
  readonly damaged: readonly DamagedFile[];
}

/** A file of a run, and what it has of it: times of the run. */
export interface FoundFile {
  readonly source: FoundSource;
  readonly head: Head;
  readonly fromMs: number;
  readonly toMs: number;
}

interface RunFiles {
  readonly found: FoundRun;
  readonly files: readonly FoundFile[];
}

/** @throws UserError */
export async function openHistory(paths: readonly string[]): Promise<History> {
  const { heads, damaged } = await headsOf(sourcesOf(paths));
  const runs: RunFiles[] = [];
  for (const group of groupsOf(heads)) runs.push(await runOf(group));
  const assembled = assemble(runs.map(({ found }) => found));
  const { facts, moves, order } = assembled;
  const twice = overlapOf(facts.runs);
  if (twice !== null)
    throw new UserError(
      "overlap",
      `${escapeText(twice)} was recorded twice at the same time: each lock would count twice`,
      "report one recording after the other",
    );
  const isOneBoot = new Set(facts.runs.map(bootOf)).size === 1;
  const read = async (span: Span, taken: (line: RecordingLine) => void, options: ReadOptions) => {
    const found: Found = { blanks: [], damaged: [...damaged] };
    const toRead = order.flatMap((index, place): RunToRead[] => {
      const [run, move, given] = [facts.runs[place], moves[place], runs[index]];
      if (run === undefined || move === undefined || given === undefined) return [];
      if (run.fromMs > span.toMs || run.toMs < span.fromMs) return [];
      const own = moved(span, -move.ms);
      const counts = {
        countsSpan: moved(options.countsSpan ?? span, -move.ms),
        countsMs: options.countsMs,
        withBuckets: options.withoutBuckets !== true,
      };
      const tasks = tasksOf(given.files, own).map((task) => ({ ...task, ...counts }));
      return [{ run, move, span: own, tasks, isLast: place === order.length - 1 }];
    });
    const starts = isOneBoot ? null : new Starts();
    const told = (run: Run) => {
      const boot = bootOf(run);
      return starts === null ? taken : (line: RecordingLine) => taken(starts.of(line, boot));
    };
    const pool = new ReadPool(toRead.flatMap(({ tasks }) => tasks));
    try {
      for (const each of toRead) await readRun(each, readTask(pool), told(each.run), found);
    } finally {
      await pool.end();
    }
    const blanks = [...facts.blanks, ...found.blanks].sort((a, b) => a.fromMs - b.fromMs);
    return { blanks, damaged: found.damaged };
  };
  return { paths, facts, read };
}

/** Without its id, each run is of another one. */
function bootOf({ meta }: Run): string {
  return meta.bootId ?? `${meta.startedAt} ${meta.startedMonotonicNs}`;
}

function readTask(pool: ReadPool): ReadTask {
  return async (task, give) => {
    try {
      return await pool.read(task, give);
    } catch (error) {
      throw readError(task.source.name, error);
    }
  };
}

type FileOfSpan = Omit<FileTask, "countsSpan" | "countsMs" | "withBuckets">;

function moved({ fromMs, toMs }: Span, ms: number): Span {
  return { fromMs: fromMs + ms, toMs: toMs + ms };
}

/** The files that have something of the span, and the beginning of the one after them. */
function tasksOf(files: readonly FoundFile[], span: Span): FileOfSpan[] {
  const tasks: FileOfSpan[] = [];
  for (const [index, { source, fromMs, toMs }] of files.entries()) {
    const isFollowed = index < files.length - 1;
    const isBeyond = fromMs > span.toMs && tasks.length > 0;
    if (toMs >= span.fromMs) tasks.push({ source, fromMs, toMs, span, isFollowed, isBeyond });
    if (isBeyond) break;
  }
  return tasks;
}

type WithHead = Pick<FoundFile, "source" | "head">;

/** A segment that is empty yet, or was removed since, is left out; one that is damaged, too, and told of. */
async function headsOf(sources: readonly FoundSource[]): Promise<{ heads: WithHead[]; damaged: DamagedFile[] }> {
  const heads: WithHead[] = [];
  const damaged: DamagedFile[] = [];
  let refused: unknown = null;
  for (const given of sources) {
    const path = given.path === null ? null : given.isSegment ? currentPath(given.path) : given.path;
    if (path === null && given.path !== null) continue;
    const source = { ...given, path };
    try {
      heads.push({ source, head: await headOf(source) });
    } catch (error) {
      const known = readError(source.name, error);
      if (!given.isSegment || !(known instanceof UserError) || known.code !== "not-a-recording") {
        if (known instanceof UserError && known.code === "no-such-file" && given.isSegment) continue;
        throw known;
      }
      refused ??= known;
      damaged.push({ name: source.name, lines: null, firstLine: null, unknown: 0, isCut: false });
    }
  }
  if (heads.length === 0) throw refused ?? notARecording({ name: sources[0]?.name ?? "it", path: null });
  return { heads, damaged };
}

function groupsOf(heads: readonly WithHead[]): WithHead[][] {
  const groups = new Map<string, WithHead[]>();
  for (const each of heads) {
    const key = runKey(each.head.meta);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()].map((group) => {
    const sorted = group.sort((a, b) => segmentOf(a) - segmentOf(b));
    // a copy of one that is given as well has nothing that would not be there
    return sorted.filter((each, i) => i === 0 || segmentOf(each) !== segmentOf(sorted[i - 1] as WithHead));
  });
}

function segmentOf({ head }: WithHead): number {
  return head.meta.segment ?? 1;
}

/** A wall clock that was moved by less within a file is not looked for: it is regulated all the time. */
const REGULATED_MS = 50;

/** Between two files without a gap: what is in the second begins before the first has ended. */
async function runOf(group: readonly WithHead[]): Promise<RunFiles> {
  const files: FoundFile[] = [];
  const clocks = group.flatMap(({ head }) => (head.clock === null ? [] : [head.clock]));
  const blanks: Blank[] = [];
  let isComplete = false;
  for (const [index, { source, head }] of group.entries()) {
    const next = group[index + 1];
    const fromMs = segmentOf({ source, head }) === 1 ? 0 : (head.clock?.atMs ?? files.at(-1)?.toMs ?? 0);
    const isFollowed = next !== undefined && segmentOf(next) === segmentOf({ source, head }) + 1;
    const nextMs = next?.head.clock?.atMs;
    if (isFollowed && nextMs !== undefined && isSameClock(head, next.head)) {
      files.push({ source, head, fromMs, toMs: nextMs });
      continue;
    }
    const scan = await scanned(source, head);
    clocks.push(...scan.clocks.filter(({ atMs }) => atMs !== head.clock?.atMs));
    isComplete ||= scan.isComplete;
    const toMs = isFollowed && nextMs !== undefined ? nextMs : Math.max(fromMs, scan.toMs ?? fromMs);
    files.push({ source, head, fromMs, toMs });
    if (!isFollowed && nextMs !== undefined && nextMs > toMs)
      blanks.push({ fromMs: toMs, toMs: nextMs, why: "damaged" });
  }
  const [first] = files as [FoundFile, ...FoundFile[]];
  const found: FoundRun = {
    meta: first.head.meta,
    fromMs: first.fromMs,
    toMs: Math.max(...files.map(({ toMs }) => toMs)),
    clocks: clocks.sort((a, b) => a.atMs - b.atMs),
    end: isComplete ? "complete" : "cut",
    blanks,
  };
  return { found, files };
}

async function scanned(source: FoundSource, head: Head): Promise<Scan> {
  try {
    return await scanOf(source, head);
  } catch (error) {
    throw readError(source.name, error);
  }
}

/** Between the two, the wall clock went on as the monotonic one, and the machine did not sleep. */
function isSameClock({ clock: one }: Head, { clock: other }: Head): boolean {
  if (one === null || other === null) return false;
  return Math.abs(Date.parse(other.wallClock) - Date.parse(one.wallClock) - (other.atMs - one.atMs)) < REGULATED_MS;
}
