/** One database: look at it, decide how to open it, have it checked, and look again where that tells more. */
import { UserError } from "../../errors.ts";
import { pinDatabase } from "../../observe/pinned.ts";
import { anotherFileError } from "../../observe/same-file.ts";
import { valueOr } from "../../proc/read.ts";
import { openedAsOf } from "../../safe-open/actor.ts";
import { type Decision, decide } from "../../safe-open/decide.ts";
import { hardLinkedCompanion } from "../../safe-open/hard-links.ts";
import { isReadOnce } from "../../safe-open/header.ts";
import {
  type DatabaseLook,
  isLookFailure,
  type LookFailure,
  look,
  lookAgain,
  readStart,
} from "../../safe-open/look.ts";
import { lostCompanion } from "../../safe-open/lost-companion.ts";
import { type Opener, openerOf, pinFiles } from "../../safe-open/pins.ts";
import { filesToCopy } from "../../safe-open/private-copy.ts";
import type { Refusal } from "../../safe-open/protocol.ts";
import { situationOf } from "../../safe-open/situation.ts";
import { sleep } from "../../time.ts";
import { needsLink } from "../../worker/name.ts";
import type { Pin } from "../../worker/pin.ts";
import type { Workers } from "../../worker/workers.ts";
import { type Attempt, checkResult } from "./check-result.ts";
import { type Job, MAX_SORTED_IN_MEMORY_BYTES } from "./protocol.ts";
import { type CheckResult, uncheckedResult } from "./result.ts";
import { type Constraints, FIRST_TRY, MAX_TRIES, nextTry } from "./retry.ts";
import { type ProgressListener, runCheck, type WorkerResult } from "./run-worker.ts";
import type { CheckSettings } from "./settings.ts";

/** Between two looks at a database that keeps readers out. */
const POLL_MS = 100;

type OpenDecision = Extract<Decision, { kind: "open" }>;

/** What the checks of several databases share. */
export interface Shared {
  readonly workers: Workers;
  /** A look that was taken together with others; null: this database needs one of its own. */
  readonly firstLook: () => Promise<DatabaseLook | LookFailure | null>;
  /** Where it was found: a link that has taken its place is not followed. Null: wherever the path leads. */
  readonly realPath: string | null;
}

export async function checkDatabase(
  givenAs: string,
  settings: CheckSettings,
  progress: ProgressListener | null,
  { workers, firstLook, realPath }: Shared,
): Promise<CheckResult> {
  const started = performance.now();
  const deadline = started + settings.timeoutMs;
  const lockDeadline = Math.min(started + settings.waitMs, deadline);
  const elapsedMs = () => Math.round(performance.now() - started);
  let constraints = FIRST_TRY;
  let ready = await firstLook();
  for (let tries = 1; ; ) {
    const seen = ready ?? (await look(givenAs));
    ready = null;
    if (isLookFailure(seen)) {
      const result = uncheckedResult(realPath ?? seen.path, givenAs, { kind: "look", failure: seen });
      return { ...result, durationMs: elapsedMs() };
    }
    if (realPath !== null && seen.database.path !== realPath) throw anotherFileError(realPath);
    const finish = async (attempt: Attempt) =>
      checkResult(seen, await withLaterLook(seen, attempt), settings, elapsedMs());
    if (!seen.isDatabase) return finish({ decision: null, worker: null, refusal: null });
    const pins = pinFiles(seen.database);
    const opener = pins === null ? null : openerOf(pins, "read");
    if (pins === null || opener === null) {
      if (tries++ < MAX_TRIES) continue;
      return finish({ decision: null, worker: null, refusal: { kind: "changed" } });
    }
    if (opener.kind === "no-user") return finish({ decision: null, worker: null, refusal: opener });
    const open = { ...settings, allowCompanions: settings.allowCompanions && (await mayMakeCompanions(givenAs, pins)) };
    const decision = decide({ ...situationOf(seen, open, opener), ...constraints });
    if (decision.kind === "refuse") return finish({ decision: null, worker: null, refusal: decision.refusal });
    if (decision.kind === "wait") {
      if (performance.now() >= lockDeadline) return finish({ decision: null, worker: null, refusal: { kind: "busy" } });
      await sleep(POLL_MS);
      continue;
    }
    const worker = await runWhole({ seen, pins, opener }, decision, settings, {
      workers,
      deadline,
      progress,
      noStandIn: constraints.noStandIn,
    });
    const aTry = { tries, readLockMs: worker.readLockMs };
    const next = tries < MAX_TRIES ? nextTry(worker.refusal, decision, constraints, aTry) : null;
    if (next === null) return finish({ decision, worker, refusal: worker.refusal, openedAs: openedAsOf(opener.actor) });
    constraints = next;
    tries++;
  }
}

/** Root makes no files where another user's link leads. */
async function mayMakeCompanions(givenAs: string, pins: readonly Pin[]): Promise<boolean> {
  const [database] = pins;
  if (process.geteuid?.() !== 0) return true;
  try {
    const { file } = await pinDatabase(givenAs);
    const isSame = file !== null && file.device === database?.device && file.inode === database.inode;
    return isSame && openerOf(pins, "write")?.actor.kind !== "isolated";
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return false;
  }
}

/** What is opened, and by whom. */
interface Opening {
  readonly seen: DatabaseLook;
  readonly pins: readonly Pin[];
  readonly opener: Extract<Opener, { kind: "opener" }>;
}

interface Running {
  readonly workers: Workers;
  readonly deadline: number;
  readonly progress: ProgressListener | null;
  readonly noStandIn: Constraints["noStandIn"];
}

/** Of a deleted database the files that belong to it have to be there, before the copy and after it. */
async function runWhole(opening: Opening, ...rest: Tail<Parameters<typeof runOn>>): Promise<WorkerResult> {
  const { seen } = opening;
  if (seen.database.descriptor === undefined) return runOn(opening, ...rest);
  const before = lostCompanion(seen.database);
  if (before !== null) return notStarted(before);
  const result = await runOn(opening, ...rest);
  const after = lostCompanion(await lookAgain(seen));
  return after === null ? result : notStarted(after);
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

async function runOn(
  { seen: { database, header }, pins, opener }: Opening,
  { method, wal }: OpenDecision,
  settings: CheckSettings,
  { workers, deadline, progress, noStandIn }: Running,
): Promise<WorkerResult> {
  const linked = hardLinkedCompanion(pins, opener.actor, method);
  if (linked !== null) return notStarted(linked);
  const { user } = opener;
  const alone = opener.actor.kind === "isolated";
  const needsFolder = method !== "in-place" || needsLink(database.path);
  const sorts = mayNeedToSort(database.sizeBytes ?? 0, settings);
  const made = needsFolder || sorts ? await workers.makeFolder({ user, alone }) : null;
  if (needsFolder && made !== null && "why" in made) return notStarted({ kind: "no-folder", why: made.why });
  const folder = made !== null && "path" in made ? made.path : null;
  try {
    const job: Job = {
      path: database.path,
      pins,
      user,
      isolated: opener.actor.kind === "isolated" && opener.readsInPlace !== true,
      method,
      folder,
      files: method === "private-copy" && folder !== null ? await filesToCopy(pins, database.files, folder) : [],
      wal,
      watched: progress !== null,
      schemaOnce: isReadOnce(header),
      noStandIn,
      quick: settings.quick,
      exact: settings.exact,
      merges: settings.merges,
      sortFolder: sorts ? folder : null,
      part: null,
      foreignKeys: settings.foreignKeys,
      maxProblems: settings.maxProblems,
      busyMs: settings.waitMs,
    };
    return await runCheck(job, { workers, alone, timeoutMs: Math.max(1, deadline - performance.now()), progress });
  } finally {
    if (made !== null && "path" in made) made.remove();
  }
}

/** What SQLite sorts to check it may not fit into memory. */
function mayNeedToSort(sizeBytes: number, { quick, exact }: CheckSettings): boolean {
  return !quick && !exact && sizeBytes > MAX_SORTED_IN_MEMORY_BYTES;
}

function notStarted(refusal: Refusal): WorkerResult {
  return { checks: [], problems: [], truncated: false, refusal, readLockMs: null, end: { kind: "done" } };
}

/**
 * Only a second look shows which holders keep readers out, what those left that ended during the check, and who works
 * without locks since the first.
 */
async function withLaterLook(seen: DatabaseLook, attempt: Attempt): Promise<Attempt> {
  const start = valueOr(readStart(seen.database.descriptor ?? seen.database.path), null);
  const wasKept = attempt.decision?.wal === "kept-by-others";
  const { refusal, worker } = attempt;
  const wasWritten = refusal?.kind === "changed" && refusal.underLock === true;
  const failed = worker !== null && (worker.problems.length > 0 || worker.checks.some((check) => check.failed));
  const later = refusal?.kind === "busy" || wasKept || wasWritten || failed ? await lookAgain(seen) : undefined;
  return { ...attempt, start, ...(later === undefined ? {} : { later }) };
}
