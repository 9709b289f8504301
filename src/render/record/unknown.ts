/** What a recording could not know, as sentences. Pure. */
import { isNotTraced, type NOT_TRACED } from "../../recording/program/not-traced.ts";
import type { UnknownStatements } from "../../recording/source-event.ts";
import type { SummaryLine, UnknownSummary } from "../../recording/summary-line.ts";
import { escapeText } from "../../text/escape.ts";
import { count, grouped, list } from "../../text/list.ts";
import { time } from "./words.ts";

export type UnknownFacts = Pick<SummaryLine, "unknown" | "exact"> & {
  /** The statements were wanted. */
  readonly statements: boolean;
  /** Programs tell of their calls. */
  readonly callSites?: true;
};

export function unknownTexts({ unknown, exact, statements, callSites }: UnknownFacts): string[] {
  const { lines, waitsWithoutBlocker, waitsWithoutStatement, transactionsWithoutStatement } = unknown;
  const isReasoned = lines.some(({ what }) => what === "sql");
  const without = (number: number, what: "wait" | "transaction") =>
    statements && exact && number > 0 ? [withoutStatementText(number, what, isReasoned)] : [];
  return [
    ...(exact ? [] : [callSites === true && !isUntraced(lines) ? SAMPLED_AND_TOLD : SAMPLED]),
    ...gapTexts(unknown, exact),
    ...lines.filter(({ why }) => why !== "not-asked" && why !== "sampled").map(lineText),
    ...(waitsWithoutBlocker === 0
      ? []
      : [
          `The blocker of ${count(waitsWithoutBlocker, "wait")} is not known: the lock was taken before the ` +
            "recording or during a gap, or its holder cannot be seen.",
        ]),
    ...without(waitsWithoutStatement, "wait"),
    ...without(transactionsWithoutStatement, "transaction"),
  ];
}

/** `isReasoned`: for some processes it was said why. */
function withoutStatementText(number: number, what: "wait" | "transaction", isReasoned: boolean): string {
  const isOne = number === 1 && what === "wait";
  const whose = isOne ? "The statement of 1 wait is" : `The statements of ${count(number, what)} are`;
  const before = `${isOne ? "its call" : "their calls"} began before sqlock could see the calls of the process`;
  return `${whose} not known: ${isReasoned ? `for the reason above, or ${before}` : `most likely ${before}`}.`;
}

const SAMPLE =
  "This is a sample: /proc/locks was read about every 2 ms. A lock that was held for a shorter time may have been " +
  "missed, and two holds with a shorter pause count as one.";

export const SAMPLED = `${SAMPLE} Waits, refused calls and statements cannot be seen.`;

const SAMPLED_AND_TOLD =
  `${SAMPLE} Transactions, statements and refused calls are those that the command's programs tell; of waits, those ` +
  "of their calls that took long while others were seen to have the lock (likely).";

/** No program of the command had a tracer in it. */
function isUntraced(lines: UnknownSummary["lines"]): boolean {
  return isNotTraced({ lines });
}

function gapTexts({ gaps, foldedUntilMs }: UnknownSummary, exact: boolean): string[] {
  const { times, notWritten = 0 } = gaps;
  const others = times - notWritten;
  const notRead = exact
    ? kernelGapText({ ...gaps, times: others })
    : "/proc/locks was not read, because sqlock was stopped, or the machine was asleep or too busy";
  const why = [
    ...(others === 0 ? [] : [notRead]),
    ...(notWritten === 0 ? [] : [`${others === 0 ? "" : `${count(notWritten, "time")} `}${NOT_WRITTEN}`]),
  ].join("; and ");
  return [
    ...(gaps.times === 0
      ? []
      : [`${count(gaps.times, "gap")} of ${time(gaps.totalMs)} in all: ${why}. What happened then is not known.`]),
    ...(foldedUntilMs === null
      ? []
      : [`The file reached --max-size: of the first ${time(foldedUntilMs)} it has only counts.`]),
  ];
}

const NOT_WRITTEN = "nothing could be written (a full disk, or a limit)";

/** What another program does to the tracing of a recorder. */
export const SWITCHED_OFF = "another program switched the tracing off, or changed what is traced";

function kernelGapText({ times, lostEvents, switchedOff = 0 }: UnknownSummary["gaps"]): string {
  if (switchedOff === times) return SWITCHED_OFF;
  const lost = `${atLeastEvents(lostEvents)} of the kernel were lost`;
  const faster = `${lost}, because they came faster than they could be read`;
  return switchedOff === 0 ? faster : `${faster}; and ${count(switchedOff, "time")} ${SWITCHED_OFF}`;
}

function atLeastEvents(events: number): string {
  return events === 0 ? "events" : `at least ${grouped(events)} ${events === 1 ? "event" : "events"}`;
}

type Unknown =
  | UnknownStatements
  | "open-file"
  | "shared-locks"
  | "unseen-file"
  | "before-found"
  | "attached"
  | "messages-lost"
  | "pid-namespace"
  | "no-tracer"
  | (typeof NOT_TRACED)[number];

/** The reasons that the source gives for `sql`, and others. `their`: of one process or of several. */
const REASONS: Readonly<Record<Unknown, ((their: "its" | "their") => string) | undefined>> = {
  "no-symbols": (their) => `${their} SQLite is built into a program without symbols`,
  "go-code": (their) =>
    `${their} SQLite is most likely Go code, where a call may go on in another thread: a wait may be a part of a ` +
    "call, or of several",
  "no-library": () => "no SQLite was found there",
  "not-verified": (their) => `where ${their} SQLite keeps the texts could not be verified, and a guess could be wrong`,
  ended: (their) => (their === "its" ? "it ended before it could be read" : "they ended before they could be read"),
  "other-processor": () => "statements can be read on x86-64 only",
  "too-many": () => "there are more copies of SQLite in use than sqlock follows",
  "not-readable": (their) => `${their} program could not be read`,
  "no-uprobes": () => "this kernel has no uprobes",
  "open-file": () => "a lock belongs to an open file (OFD), and no process was found that has that file open",
  "shared-locks": () => "they were likely with locks that another connection of the process had, which makes no event",
  "unseen-file": () =>
    "a database or its -shm was made, deleted or replaced between two looks; they were on that, or on another file",
  attached: () => "they attached other databases, and which one a statement was for, samples cannot show",
  "before-found": () =>
    "the command had a database open before sqlock knew of it (give the database before -- to record all of them)",
  "messages-lost": (their) => `${their === "its" ? "it" : "they"} told more than could be read`,
  "pid-namespace": () =>
    "they have other process ids (they run in a container), or are not the processes that they claim to be",
  "not-traced": () =>
    "no program of the command uses SQLite through Python or Node.js, or it was started without sqlock's " +
    "environment, or with an option (node --permission, python -I) that keeps the tracer out",
  "no-tracer": (their) =>
    `${their === "its" ? "it was" : "they were"} started without sqlock's environment, or ${their} library is not ` +
    "known",
  "python-option": () => "Python with -I, -S or -E loads no tracer",
  "node-permission": () => "Node.js with --permission loads no tracer",
  environment: () => "the command gives its programs another environment",
  static: () => "the command is no program of Python or Node.js",
  "not-asked": undefined,
  sampled: undefined,
};

const SUBJECTS: Readonly<Record<string, string | undefined>> = {
  sql: "Statements",
  blocker: "Holders",
  transaction: "Some reads",
  lock: "Some locks",
  process: "Names",
  container: "Containers",
  "call-site": "Lines of code",
};

function lineText({ what, why, pids }: UnknownSummary["lines"][number]): string {
  const some =
    why === "attached"
      ? "Some transactions"
      : why === "messages-lost"
        ? "Some lines of code, transactions and refused calls"
        : undefined;
  const subject = some ?? SUBJECTS[what] ?? escapeText(what);
  const whose = pids.length === 0 ? "" : ` of ${pids.length === 1 ? "process" : "processes"} ${list(pids)}`;
  const reason = REASONS[why as Unknown]?.(pids.length === 1 ? "its" : "their") ?? escapeText(why);
  return `${subject}${whose} are not known: ${reason}.`;
}
