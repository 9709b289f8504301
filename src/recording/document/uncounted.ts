/**
 * What a recording cannot count: null in its summary, where the tally has 0. Samples see locks that are held, neither
 * attempts nor calls; locks alone show attempts, and not what the calls returned. Where the command's programs have a
 * tracer in them, they tell of the calls that failed: these are counted, at least. Pure.
 */
import type { MetaLine, RecordingLine } from "../lines.ts";
import type { DatabaseSummary, ProcessSummary, RecordingVerdict, SummaryLine, Totals } from "../summary-line.ts";

type Keys<T> = readonly (keyof T)[];

type Nulled<T, All extends Keys<T>> = Omit<T, All[number]> & { readonly [Key in All[number]]: T[Key] | null };

/** Known from calls alone. */
const CALLS = {
  verdict: ["gaveUp", "refusals", "atOnce", "busy"],
  totals: ["transactions", "commits", "gaveUp", "refusals"],
  database: ["gaveUp", "refusals"],
  process: ["transactions", "commits", "gaveUp", "refusals", "locked"],
} as const satisfies Lists;

/** What samples do not show either. */
const ATTEMPTS = {
  verdict: [
    ...(["waiting", "waits", "refusedAttempts", "waitedMs", "longestWaitMs", "ended", "longWaits"] as const),
    ...(["runs", "withinProcess", "unknownShare", "oversleptShare"] as const),
  ],
  totals: ["waits", "waitedMs", "refusedAttempts", "optionalRefusals", "lostEvents"],
  database: ["waits", "waitedMs"],
  process: ["waits", "refusedAttempts", "optionalRefusals", "blockedOthersMs", "runs"],
} as const satisfies Lists;

/** Of `CALLS`: what the programs tell. */
const TOLD: ReadonlySet<string> = new Set(["refusals", "locked"]);

interface Lists {
  readonly verdict: Keys<RecordingVerdict>;
  readonly totals: Keys<Totals>;
  readonly database: Keys<DatabaseSummary>;
  readonly process: Keys<ProcessSummary>;
}

const UNKNOWN = ["waitsWithoutBlocker", "waitsWithoutStatement", "waitsWithoutOutcome"] as const;

type All<Name extends keyof Lists> = readonly [...(typeof CALLS)[Name], ...(typeof ATTEMPTS)[Name]];
type Unknown = SummaryLine["unknown"];

/** The summary as the document has it. */
export interface WrittenSummary
  extends Omit<SummaryLine, "verdict" | "totals" | "databases" | "processes" | "moreWaits" | "unknown"> {
  readonly verdict: Nulled<RecordingVerdict, All<"verdict">>;
  readonly totals: Nulled<Totals, All<"totals">>;
  readonly databases: readonly Nulled<DatabaseSummary, All<"database">>[];
  readonly processes: readonly Nulled<ProcessSummary, All<"process">>[];
  readonly moreWaits: number | null;
  readonly unknown: Omit<Nulled<Unknown, typeof UNKNOWN>, "gaps"> & {
    readonly gaps: Nulled<Unknown["gaps"], readonly ["lostEvents"]>;
  };
}

export type WrittenLine = Exclude<RecordingLine, SummaryLine> | WrittenSummary;

export type Counted = Pick<MetaLine, "exact" | "statements" | "callSites">;

export const ALL: Counted = { exact: true, statements: true };

export function writtenSummary(line: SummaryLine, { exact, statements, callSites }: Counted): WrittenSummary {
  if (exact && statements) return line;
  const isAnyTold = callSites === true && line.processes.some(({ told }) => told === true);
  const keys = <Name extends keyof Lists>(name: Name, isTold = isAnyTold) => {
    const calls = CALLS[name].filter((key) => !isTold || !TOLD.has(key));
    return (exact ? calls : [...calls, ...ATTEMPTS[name]]) as unknown as All<Name>;
  };
  const { unknown } = line;
  return {
    ...line,
    verdict: nulled(line.verdict, keys("verdict")),
    totals: nulled(line.totals, keys("totals")),
    databases: line.databases.map((each) => nulled(each, keys("database"))),
    processes: line.processes.map((each) => nulled(each, keys("process", each.told === true))),
    moreWaits: exact ? line.moreWaits : null,
    unknown: exact ? unknown : { ...nulled(unknown, UNKNOWN), gaps: nulled(unknown.gaps, ["lostEvents"] as const) },
  };
}

function nulled<T extends object, List extends Keys<T>>(value: T, keys: List): Nulled<T, List> {
  return { ...value, ...Object.fromEntries(keys.map((key) => [key, null])) } as unknown as Nulled<T, List>;
}
