/** What came of a run, in words. Pure. */
import { duration } from "../../text/duration.ts";
import { count, grouped } from "../../text/list.ts";
import { isUpgrade } from "./cure.ts";
import type { Failures, RunReport } from "./report.ts";

export type Result = Omit<RunReport, "verdict">;

/** Sentences. */
export function verdictOf(result: Result): string {
  return [failuresOf(result), cureOf(result), kept(result), killed(result), whole(result)]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

/** 312 of 4,000 transactions failed with 'database is locked', all within 3 ms: … */
function failuresOf(result: Result): string {
  const { failures, transactions, reads, longestWaitMs } = result;
  const sentences = [
    ...groupsOf(result, failures, "writer").map(
      (group) => `${grouped(group.count)} of ${count(transactions, "transaction")} failed ${group.words}.`,
    ),
    ...groupsOf(result, failures, "reader").map(
      (group) => `${grouped(group.count)} of ${count(reads + readFailures(failures), "read")} failed ${group.words}.`,
    ),
  ];
  if (sentences.length > 0) return sentences.join(" ");
  const what =
    reads > 0
      ? `None of ${count(transactions, "transaction")} and ${count(reads, "read")}`
      : `None of ${count(transactions, "transaction")}`;
  return `${what} failed; the longest wait for the lock took ${time(longestWaitMs)}.`;
}

function readFailures(failures: readonly Failures[]): number {
  return failures.filter(({ role }) => role === "reader").reduce((sum, each) => sum + each.count, 0);
}

interface Group {
  readonly count: number;
  readonly words: string;
}

/** One for each message and cause. */
function groupsOf({ settings }: Result, failures: readonly Failures[], role: Failures["role"]): Group[] {
  const byWords = new Map<
    string,
    { count: number; timedOut: number; longestMs: number; cause: string; message: string }
  >();
  for (const failure of failures.filter((each) => each.role === role)) {
    const cause = causeOf(settings, failure);
    const message = messageOf(failure.code);
    const before = byWords.get(`${message}${cause}`) ?? { count: 0, timedOut: 0, longestMs: 0, cause, message };
    byWords.set(`${message}${cause}`, {
      ...before,
      count: before.count + failure.count,
      timedOut: before.timedOut + failure.timedOut,
      longestMs: Math.max(before.longestMs, failure.longestMs),
    });
  }
  return [...byWords.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ count: number, longestMs, cause, message }) => ({
      count: number,
      words: `with '${message}', ${number === 1 ? "" : "all "}within ${time(longestMs)}: ${cause}`,
    }));
}

function causeOf(settings: Result["settings"], failure: Failures): string {
  const { code, phase, timedOut, count: number } = failure;
  const { busyTimeoutMs, journalMode } = settings;
  if (code === "SQLITE_BUSY_SNAPSHOT")
    return "transactions that read, and wanted to write after somebody else had committed; no timeout helps them";
  if (code === "SQLITE_BUSY_RECOVERY") return "another connection was recovering the database after a crash";
  if (isUpgrade(settings, failure))
    return "deferred transactions that read and then wanted to write; no timeout helps them";
  if (!code.startsWith("SQLITE_BUSY")) return "others in the same process, or the locking protocol, were in the way";
  if (busyTimeoutMs === 0) return "with --busy-timeout 0 nobody waits for a lock";
  if (timedOut === number) return `the whole --busy-timeout of ${time(busyTimeoutMs)} was not enough`;
  if (failure.role === "reader")
    return journalMode === "delete"
      ? "a commit kept readers out"
      : "the database was being opened, closed or recovered";
  return phase === "commit" ? "readers kept the commit from going through" : "others held the lock";
}

function messageOf(code: string): string {
  if (code.startsWith("SQLITE_BUSY")) return "database is locked";
  return code.startsWith("SQLITE_LOCKED") ? "database table is locked" : "locking protocol";
}

function cureOf({ cure, settings, failures }: Result): string {
  if (cure !== null)
    return `With ${cure.option}: ${grouped(cure.errors)} of ${count(cure.transactions, "transaction")}.`;
  const timedOut = failures.some((each) => each.timedOut > 0);
  if (!timedOut) return "";
  const held = settings.holdMs > 0 ? "shorter transactions (--hold)" : "fewer or shorter transactions";
  return settings.journalMode === "delete" ? `What may help: --journal-mode wal, ${held}.` : `What may help: ${held}.`;
}

function kept({ verification: { acknowledged, lost, duplicated, differences }, evidence }: Result): string {
  if (lost === 0 && duplicated === 0)
    return acknowledged === 0 ? "" : `All ${grouped(acknowledged)} acknowledged commits are there, each once.`;
  const what = [
    lost > 0 ? `${count(lost, "acknowledged commit")} of ${grouped(acknowledged)} lost` : "",
    duplicated > 0 ? `${count(duplicated, "row")} too many` : "",
  ];
  const first = differences[0] === undefined ? "" : ` (${differences[0]})`;
  return `WRONG: ${what.filter((each) => each !== "").join(", ")}${first}. The evidence is kept: ${evidence}.`;
}

function killed({
  workersKilled,
  workersKilledByOthers,
  signalsOfOthers,
  workersStuck,
  verification: { inFlight },
}: Result): string {
  const were = (number: number) => `${count(number, "worker")} ${number === 1 ? "was" : "were"} killed`;
  const sentences = [
    ...(workersKilled === 0 ? [] : [were(workersKilled)]),
    ...(workersKilledByOthers === 0
      ? []
      : [
          `${were(workersKilledByOthers)} by somebody else (${signalsOfOthers.join(", ")}), and others took ` +
            "their places",
        ]),
    ...(workersStuck === 0
      ? []
      : [`${were(workersStuck)} half a minute after the end: stopped, or kept waiting by the disk`]),
  ];
  if (sentences.length === 0) return "";
  const more = inFlight === 0 ? "" : `; ${count(inFlight, "transaction")} of theirs had been committed but not told of`;
  return `${sentences.join(", ")}${more}.`;
}

function whole({ verification: { integrity, integrityReason }, evidence }: Result): string {
  if (integrity === "ok") return "The database is whole.";
  const reason = integrityReason === null ? "" : ` (${integrityReason})`;
  return integrity === "corrupt"
    ? `The database is CORRUPT${reason}; it is kept: ${evidence}.`
    : `Whether the database is whole was not checked${reason}.`;
}

/** `0.4 ms`, `3 ms`, `5 s`; rounded up, since it says `within`. */
export function time(ms: number): string {
  if (ms < 1) return `${(Math.ceil(ms * 10) / 10).toFixed(1)} ms`;
  return ms < 1000
    ? `${Math.ceil(ms)} ms`
    : ms < 10_000
      ? `${(Math.ceil(ms / 100) / 10).toFixed(1).replace(".0", "")} s`
      : duration(Math.ceil(ms));
}
