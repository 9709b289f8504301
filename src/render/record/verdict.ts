/** What a recording found, in one sentence. Exactly as sure as the recording is. Pure. */
import { isNotTraced } from "../../recording/program/not-traced.ts";
import type { RecordingVerdict, SummaryLine } from "../../recording/summary-line.ts";
import { count } from "../../text/list.ts";
import { capitalized } from "../../text/sentence.ts";
import { behindText } from "./verdict-behind.ts";
import { dominates, refusedText } from "./verdict-refused.ts";
import { times, waitingText } from "./verdict-waiting.ts";
import { type Names, time } from "./words.ts";

export type VerdictFacts = Pick<SummaryLine, "verdict" | "durationMs" | "totals" | "databases" | "unknown">;

export function verdictText({ verdict, durationMs, totals, databases, unknown }: VerdictFacts, names: Names): string {
  const within = `in ${time(durationMs)}`;
  if (verdict.callSites === true && databases.length === 0)
    return sentence(
      `no database was recorded ${within}: no program of the command was seen to open one; `,
      "to record its locks all the same, give the database before --",
    );
  switch (verdict.state) {
    case "nothing":
      return verdict.exact && !verdict.atLeast
        ? `No lock was taken ${within}.`
        : `No lock was seen ${within}; ${missedClause(verdict)}.`;
    case "waits-not-seen": {
      if (isTold(verdict, unknown)) return toldText(totals, unknown, within);
      const heldMs = databases.reduce((sum, { writeHeldMs }) => sum + writeHeldMs, 0);
      const held = totals.writeHolds === 0 ? "" : ` and held for about ${time(heldMs)} in all`;
      return sentence(`${seen(totals.writeHolds)}${held} ${within}; samples ${NO_WAITS}`);
    }
    case "no-waits": {
      const isLate = unknown.lines.some(({ why }) => why === "before-found");
      const wrote = `at least ${count(totals.writeTransactions, "transaction")} wrote`;
      const writes = `${isLate && totals.writeHolds === 0 ? wrote : taken(totals, verdict)} ${within}`;
      if (isLate && unknown.gaps.times === 0)
        return sentence(
          `no wait and no refused call was seen: ${writes}; `,
          "the locks before sqlock knew of the database are not known",
        );
      return verdict.exact && !verdict.atLeast
        ? `No process had to wait${notRefused(verdict, unknown)}: ${writes}.`
        : `No wait and no refused call was seen: ${writes}; ${missedClause(verdict)}.`;
    }
    case "waits":
    case "refusals":
      return dominates(verdict) === "refusals"
        ? sentence(refusedText(verdict, unknown.waitsWithoutOutcome > 0, names))
        : sentence(
            waitingText(verdict, unknown.waitsWithoutOutcome > 0),
            behindText(verdict, names),
            verdict.exact ? "" : "; samples cannot show other waits",
          );
  }
}

/** Programs tell of their calls. */
function isTold({ callSites }: RecordingVerdict, { lines }: VerdictFacts["unknown"]): boolean {
  return callSites === true && !isNotTraced({ lines });
}

/** Of samples, beside which the programs of the command tell of their calls. */
function toldText(
  { writeTransactions, writeHolds }: VerdictFacts["totals"],
  { lines }: VerdictFacts["unknown"],
  within: string,
): string {
  const wrote =
    writeTransactions > 0
      ? `at least ${count(writeTransactions, "transaction")} wrote`
      : writeHolds === 0
        ? "no transaction wrote"
        : seen(writeHolds);
  if (lines.some(({ what, why }) => what === "call-site" && why === "messages-lost"))
    return sentence(
      `${wrote} ${within}; some of what the command's programs told was lost, and samples cannot show the rest: `,
      "whether a process had to wait or was refused is not known",
    );
  return sentence(
    `no traced program of the command got SQLITE_BUSY, and ${wrote} ${within}; `,
    "samples cannot show whether a process had to wait, or other programs were refused",
  );
}

/** Without a wait, only SQLITE_LOCKED is left. What is refused inside of a process shows in its calls alone. */
function notRefused(
  { refusedAttempts }: RecordingVerdict,
  { lines, transactionsWithoutStatement }: VerdictFacts["unknown"],
): string {
  if (refusedAttempts > 0) return `, but ${count(refusedAttempts, "call")} got SQLITE_LOCKED`;
  const isUnseen = transactionsWithoutStatement > 0 || lines.some(({ what }) => what === "sql");
  return isUnseen ? " for another one" : ", and no call was refused";
}

function sentence(...clauses: readonly string[]): string {
  return `${capitalized(clauses.join(""))}.`;
}

function taken({ writeHolds, writeTransactions }: VerdictFacts["totals"], { atLeast }: RecordingVerdict): string {
  if (writeHolds > 0) return `the write lock was taken ${times(writeHolds, atLeast)}`;
  // With all of the database locked, or in exclusive mode, the write lock itself is not taken.
  return writeTransactions > 0
    ? `${count(writeTransactions, "transaction")} wrote, with a lock that was held already`
    : "the write lock was not taken";
}

function seen(holds: number): string {
  return holds === 0 ? "the write lock was not seen to be taken" : `the write lock was taken ${times(holds, true)}`;
}

const NO_WAITS = "cannot show whether a process had to wait or was refused";

/** Why there may have been more. */
function missedClause({ exact }: RecordingVerdict): string {
  return exact ? "some events were lost, so there may have been some" : `samples miss short ones, and ${NO_WAITS}`;
}
