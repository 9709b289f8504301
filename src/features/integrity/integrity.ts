/** Databases in, results out: several at once, in the order in which they were given. */
import { realpathSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { hasNoDescriptor, UserError } from "../../errors.ts";
import { checkDatabase, type Shared } from "./check-database.ts";
import { LookAhead } from "./look-ahead.ts";
import { inParallel } from "./pool.ts";
import { startBar } from "./progress/bar.ts";
import { CheckProgress } from "./progress/check-progress.ts";
import type { Reason } from "./reasons.ts";
import { type CheckResult, uncheckedResult } from "./result.ts";
import { checkWorkers, type ProgressListener } from "./run-worker.ts";
import type { CheckSettings } from "./settings.ts";

/** A path that was given, or that was found below a folder. */
export interface Candidate {
  readonly path: string;
  /** Below a folder that was searched: its real path, which leads over no link. */
  readonly realPath?: string;
  /** Why it cannot be checked, as was seen when it was found. */
  readonly unchecked?: Reason;
}

/** `withBar`: a bar on stderr shows the progress. */
export async function checkAll(
  candidates: readonly Candidate[],
  settings: CheckSettings,
  withBar: boolean,
): Promise<CheckResult[]> {
  const progress = withBar
    ? candidates.map(({ path }) => ({ path, bytes: sizeOf(path), check: new CheckProgress() }))
    : [];
  const bar = withBar ? startBar(progress) : null;
  const max = availableParallelism();
  const workers = checkWorkers(max);
  const looks = new LookAhead(candidates.map(({ path }) => path));
  try {
    return await inParallel(candidates, max, async (candidate, i) => {
      const listener = progress[i]?.check ?? null;
      const result = await resultOf(candidate, settings, listener, { workers, firstLook: () => looks.at(i) });
      listener?.ended();
      return result;
    });
  } finally {
    workers.end();
    bar?.stop();
  }
}

async function resultOf(
  candidate: Candidate,
  settings: CheckSettings,
  progress: ProgressListener | null,
  shared: Omit<Shared, "realPath">,
): Promise<CheckResult> {
  const { path, unchecked } = candidate;
  if (unchecked !== undefined) return uncheckedResult(candidate.realPath ?? realPath(path), path, unchecked);
  try {
    return await checkDatabase(path, settings, progress, { ...shared, realPath: candidate.realPath ?? null });
  } catch (error) {
    return errorResult(path, error); // the other databases get their answer all the same
  }
}

function errorResult(path: string, error: unknown): CheckResult {
  if (hasNoDescriptor(error)) {
    const failure = { kind: "denied", path, trouble: "no-descriptor" } as const;
    return uncheckedResult(path, path, { kind: "look", failure });
  }
  if (error instanceof UserError)
    return uncheckedResult(path, path, { kind: "error", message: error.message, hint: error.hint });
  const message = error instanceof Error ? error.message : String(error);
  return uncheckedResult(path, path, { kind: "error", message: firstLine(message), hint: null });
}

/** A worker that failed has its whole stack in the message. */
function firstLine(message: string): string {
  return message.split("\n").find((line) => /\S/.test(line) && !/^(node:|\s)/.test(line)) ?? message;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // its name is not UTF-8, or a folder on it may not be entered
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0; // a URI, or nothing that could be checked
  }
}
