/** What a recording is made of: the source that is possible here, and what makes lines, a file and a summary of it. */
import { release } from "node:os";
import { DEFAULT_STALE_AFTER_MS, inspect } from "../../inspect/inspect.ts";
import { isPathError } from "../../model/report.ts";
import { Folder } from "../../recording/document/folder.ts";
import { Interpreter } from "../../recording/interpreter.ts";
import { Tally } from "../../recording/summary/tally.ts";
import { TraceError } from "../../trace/errors.ts";
import type { WatchedDatabase } from "../watch/databases.ts";
import { KernelSource } from "./kernel/kernel-source.ts";
import { liveState } from "./live-state.ts";
import type { RecorderParts } from "./recorder.ts";
import { SampledSource } from "./sampled/sampled-source.ts";
import type { RecordSettings } from "./settings.ts";
import type { RecordingSource } from "./source.ts";

/** @throws TraceError where --source kernel is not possible */
export function openParts(
  settings: RecordSettings,
  databases: readonly WatchedDatabase[],
): Omit<RecorderParts, "output"> {
  const paths = databases.map(({ path }) => path);
  const { source, because } = openSource(settings, paths);
  const startedAt = zonedTime(new Date(Date.now() - source.nowMs));
  const { minWaitMs, redact, output, json } = settings;
  return {
    source,
    meta: {
      source: source.kind,
      exact: source.kind === "kernel",
      because,
      startedAt,
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      kernel: release(),
      statements: settings.statements && source.kind === "kernel",
      databases: databases.map(({ path, givenAs }) => ({ path, givenAs })),
    },
    interpreter: (emit) => {
      const interpreter = new Interpreter({ databases: paths }, emit);
      return {
        next: (event) => interpreter.next(event),
        end: (atMs) => interpreter.end(atMs),
        live: (nowMs) => liveState(interpreter.live(), nowMs),
      };
    },
    folder: output === null && !json ? null : (write) => new Folder({ minWaitMs, redact }, write),
    tally: new Tally(),
  };
}

interface OpenSource {
  readonly source: RecordingSource;
  /** See SourceReason in src/render/record/source.ts. */
  readonly because: string;
}

function openSource({ source, statements }: RecordSettings, paths: readonly string[]): OpenSource {
  if (source === "sampled") return { source: new SampledSource(paths), because: "asked" };
  try {
    const kernel = KernelSource.open({ paths, statements, holders: () => holdersOf(paths) });
    return { source: kernel, because: source === null ? "best" : "asked" };
  } catch (error) {
    if (!(error instanceof TraceError) || source !== null) throw error;
    return { source: new SampledSource(paths), because: error.reason };
  }
}

/** Processes that have one of the databases open now. */
async function holdersOf(paths: readonly string[]): Promise<readonly number[]> {
  const report = await inspect(paths, { locksOnly: false, brief: true, staleAfterMs: DEFAULT_STALE_AFTER_MS });
  return report.databases.flatMap((database) => (isPathError(database) ? [] : database.holders.map(({ pid }) => pid)));
}

/** ISO 8601 with the offset of the time zone: `2026-11-28T12:03:00.214+01:00`. */
export function zonedTime(at: Date): string {
  const offset = -at.getTimezoneOffset();
  const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  return `${local}${offset < 0 ? "-" : "+"}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
}
