/** What a recording is made of: the source that is possible here, and what makes lines, files and summaries of it. */
import { release } from "node:os";
import { DEFAULT_STALE_AFTER_MS, inspect } from "../../inspect/inspect.ts";
import { isPathError } from "../../model/report.ts";
import { Folder } from "../../recording/document/folder.ts";
import type { RecordingSource } from "../../recording/source.ts";
import { Tally } from "../../recording/summary/tally.ts";
import { TraceError, type TraceReason } from "../../trace/errors.ts";
import { asUser } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import { KernelSource } from "../kernel-source/kernel-source.ts";
import { systemLibraries } from "../kernel-source/libraries/system-library.ts";
import { fileStart } from "../program-source/file-start.ts";
import { makeTraceFolder } from "../program-source/trace-folder.ts";
import { whyNotTraced } from "../program-source/untraceable.ts";
import type { WatchedDatabase } from "../watch/databases.ts";
import { readBootId, withOffset } from "./clocks.ts";
import { localZone } from "./local-zone.ts";
import { RecordedLines, type TracedCommand } from "./recorded-lines.ts";
import type { RecorderParts } from "./recorder-parts.ts";
import { SampledSource } from "./sampled/sampled-source.ts";
import type { RecordSettings } from "./settings.ts";

/**
 * It records from now on. `user`: of the command; null: who runs sqlock. @throws TraceError where the kernel was asked
 * for and cannot be had
 */
export function openParts(
  settings: RecordSettings,
  databases: readonly WatchedDatabase[],
  user: User | null,
): Omit<RecorderParts, "output" | "segments"> {
  const paths = databases.map(({ path }) => path);
  const trace = traceOf(settings, databases.length === 0, user);
  const { source, because } = openSource(settings, paths);
  const startedAt = new Date(Date.now() - source.nowMs);
  const isKernel = source.kind === "kernel";
  const bootId = readBootId();
  const wantsLines = settings.output !== null || settings.json;
  return {
    source,
    untraceable: trace?.untraceable ?? null,
    lines: (emit, inTheWay) =>
      new RecordedLines({
        ...{ source, trace, emit, inTheWay },
        databases: databases.map(({ path, file }) => ({ path, exists: file !== null })),
      }),
    folder: wantsLines
      ? (write) => new Folder({ minWaitMs: settings.minWaitMs, redact: settings.redact }, write)
      : null,
    tally: new Tally(),
    meta: {
      source: source.kind,
      exact: isKernel,
      because,
      startedAt: withOffset(startedAt),
      startedMonotonicNs: source.startNs.toString(),
      zone: zoneAt(startedAt),
      kernel: release(),
      ...(bootId === null ? {} : { bootId }),
      statements: isKernel && settings.statements,
      databases: databases.map(({ path, givenAs }) => ({ path, givenAs })),
      ...(trace === null ? {} : { callSites: true }),
    },
  };
}

function zoneAt(time: Date): string {
  const named: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const offsetMs = -time.getTimezoneOffset() * 60_000;
  return localZone({ tz: process.env["TZ"], named, offsetMs, utcMs: Math.floor(time.getTime() / 1_000) * 1_000 });
}

/** Null: no command is started, or without a tracer. @throws UserError */
function traceOf(
  { command, callSites, literals }: RecordSettings,
  findsDatabases: boolean,
  user: User | null,
): TracedCommand | null {
  if (command === null || !callSites) return null;
  const untraceable = whyNotTraced(command, (program) =>
    asUser(user, () => fileStart(program, process.env["PATH"] ?? "")),
  );
  const uid = user?.uid ?? process.geteuid?.() ?? null;
  // what root starts may become any user
  return { folder: makeTraceFolder(user), uid: uid === 0 ? null : uid, literals, findsDatabases, untraceable };
}

function openSource(
  { source, statements, literals, command, untilWaitMs, hook, output }: RecordSettings,
  paths: readonly string[],
): { readonly source: RecordingSource; readonly because: "asked" | "best" | TraceReason } {
  const rests = output !== null && output.keepMs !== null;
  if (source === "sampled") return { source: new SampledSource(paths, { rests }), because: "asked" };
  const needsWaits = untilWaitMs !== null || hook !== null;
  try {
    const kernel = KernelSource.open({
      paths,
      statements,
      literals,
      rests,
      early: command === null ? [] : systemLibraries(),
      holders: () => holdersOf(paths),
    });
    return { source: kernel, because: source === null ? "best" : "asked" };
  } catch (error) {
    if (!(error instanceof TraceError) || source === "kernel" || needsWaits) throw error;
    return { source: new SampledSource(paths, { rests }), because: error.reason };
  }
}

/** Processes that have a database open. */
async function holdersOf(paths: readonly string[]): Promise<number[]> {
  const report = await inspect(paths, {
    locksOnly: false,
    staleAfterMs: DEFAULT_STALE_AFTER_MS,
    anyFile: true,
    brief: true,
  });
  return report.databases.flatMap((database) => (isPathError(database) ? [] : database.holders.map(({ pid }) => pid)));
}
