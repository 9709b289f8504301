/** Which advice the evidence gives a reason for: a rule each, what endangers work first. Pure. */
import type { Pattern, PatternId } from "../summary/pattern.ts";
import type {
  Advice,
  AdviceId,
  BeginImmediate,
  BusyTimeout,
  CheckpointInterval,
  EndReads,
  NoBusyTimeout,
  OneWriterConnection,
  ShorterTransactions,
  TimeoutReason,
  WalMode,
} from "./advice.ts";
import type { Evidence } from "./evidence.ts";
import { AUTO_CHECKPOINT_FRAMES, HEADROOM, THRESHOLDS, TIMEOUTS_MS, USUAL_TIMEOUT_MS } from "./thresholds.ts";
import { enoughTimeout } from "./timeouts.ts";

type Rule = (evidence: Evidence) => Advice | null;

const RULES: Readonly<Record<AdviceId, Rule>> = {
  "begin-immediate": beginImmediate,
  "no-busy-timeout": noBusyTimeout,
  "busy-timeout": busyTimeout,
  "one-writer-connection": oneWriterConnection,
  "shorter-transactions": shorterTransactions,
  "wal-mode": walMode,
  "end-reads": endReads,
  "checkpoint-interval": checkpointInterval,
};

export function adviceFor(evidence: Evidence): Advice[] {
  return Object.values(RULES).flatMap((rule) => rule(evidence) ?? []);
}

const LONGEST_TIMEOUT_MS = TIMEOUTS_MS[TIMEOUTS_MS.length - 1] ?? USUAL_TIMEOUT_MS;

/** What was read first was refused when it wanted to write. */
function beginImmediate({ path, patterns }: Evidence): BeginImmediate | null {
  const [first] = ofId(patterns, "read-then-write");
  const [snapshot] = ofId(patterns, "busy-snapshot");
  const outdated = snapshot?.evidence.refused ?? 0;
  const refused = (first?.evidence.refused ?? 0) + outdated;
  if (refused < THRESHOLDS["begin-immediate"].refused) return null;
  const sure = [first, snapshot].some((pattern) => pattern?.sure === "proved") ? "proved" : "likely";
  const because = { refused, outdated, likely: first?.evidence.likely ?? 0 };
  return { id: "begin-immediate", path, sure, setting: { id: "begin-immediate" }, because };
}

/** Connections that do not wait at all. */
function noBusyTimeout(evidence: Evidence): NoBusyTimeout | null {
  const { path, patterns, timeouts } = evidence;
  const [refused] = ofId(patterns, "no-busy-timeout");
  const [zero] = ofId(patterns, "timeout-zero");
  if (refused === undefined && zero === undefined) return null;
  const timeoutMs = Math.max(USUAL_TIMEOUT_MS, enoughTimeout(timeouts, neededMs(evidence)) ?? LONGEST_TIMEOUT_MS);
  return {
    ...{ id: "no-busy-timeout", path, sure: refused?.sure ?? "likely", setting: { id: "busy-timeout", timeoutMs } },
    because: { ...timeoutReason(evidence, timeoutMs), refused: refused?.evidence.refused ?? 0 },
  };
}

/** Calls gave up, or nearly did, that would have got the lock later. */
function busyTimeout(evidence: Evidence): BusyTimeout | null {
  const { path, timeouts } = evidence;
  const why = whyTimeout(evidence);
  if (why === null || noBusyTimeout(evidence) !== null) return null;
  const timeoutMs = enoughTimeout(timeouts, neededMs(evidence)) ?? LONGEST_TIMEOUT_MS;
  const atLast = timeouts.find((each) => each.timeoutMs === timeoutMs)?.likelyFailed;
  // Not one of them would be saved: shorter transactions are what helps.
  if (why === "timed-out" && (atLast?.atLeast ?? 0) >= (evidence.waits?.timedOut ?? 0)) return null;
  const sure = why === "timed-out" ? "proved" : "likely";
  const because = { ...timeoutReason(evidence, timeoutMs), why };
  return { id: "busy-timeout", path, sure, setting: { id: "busy-timeout", timeoutMs }, because };
}

function whyTimeout({ waits, openedWithMs, writeHolds, writers }: Evidence): BusyTimeout["because"]["why"] | null {
  const { timedOut, usedShare, heldMs } = THRESHOLDS["busy-timeout"];
  if (waits === null) return writers > 1 && (writeHolds.longest?.atLeastMs ?? 0) >= heldMs ? "long-holds" : null;
  if (waits.timedOut >= timedOut) return "timed-out";
  const [shortest] = openedWithMs.filter((ms) => ms > 0);
  if (shortest === undefined) return null;
  return (waits.lengths.longest?.atLeastMs ?? 0) >= shortest * usedShare ? "near-timeout" : null;
}

/** By the longest wait; without waits, by the longest hold. */
function neededMs({ waits, writeHolds }: Evidence): number {
  const longest = waits === null ? writeHolds.longest : waits.likelyLongest;
  return longest?.atMostMs ?? longest?.atLeastMs ?? 0;
}

function timeoutReason(evidence: Evidence, timeoutMs: number): TimeoutReason {
  const { writers, writeHolds, waits, openedWithMs, timeouts } = evidence;
  return {
    ...{ writers, heldP95: writeHolds.p95, heldP99: writeHolds.p99, longestHeld: writeHolds.longest },
    ...{ waits: waits?.lengths.times ?? null, timedOut: waits?.timedOut ?? 0, openedWithMs },
    ...{ gaveUpAfterMs: waits?.gaveUpAfterMs ?? null, longestWait: waits?.likelyLongest ?? null },
    outcomes: timeouts.filter((each) => each.timeoutMs <= timeoutMs),
  };
}

function oneWriterConnection({ path, patterns }: Evidence): OneWriterConnection | null {
  const { refused: leastRefused, waitedMs: leastMs } = THRESHOLDS["one-writer-connection"];
  const met = [...ofId(patterns, "same-process-connections"), ...ofId(patterns, "tasks-with-own-connections")].find(
    ({ evidence }) => evidence.refused >= leastRefused || evidence.waitedMs >= leastMs,
  );
  if (met === undefined) return null;
  const { refused, waits, waitedMs } = met.evidence;
  const because = { refused, waits, waitedMs, pids: met.pids };
  return { id: "one-writer-connection", path, sure: met.sure, setting: { id: "one-writer-connection" }, because };
}

/** Programs that do something else within a transaction; or no timeout is long enough for the locks that are held. */
function shorterTransactions(evidence: Evidence): ShorterTransactions | null {
  const { path, patterns, waits, writeHolds, idleWriters } = evidence;
  const common = { id: "shorter-transactions", path, setting: { id: "shorter-transactions" } } as const;
  const [thinking] = ofId(patterns, "think-time");
  if (thinking !== undefined && thinking.evidence.transactions >= THRESHOLDS["shorter-transactions"].transactions) {
    const { transactions, longestMs, totalMs, totalOutsideMs, blockedMs } = thinking.evidence;
    const outsideShare = totalMs > 0 ? Math.min(1, totalOutsideMs / totalMs) : null;
    return { ...common, sure: thinking.sure, because: { transactions, longestMs, outsideShare, blockedMs } };
  }
  if (idleWriters !== null && idleWriters.longestMs >= THRESHOLDS["shorter-transactions"].idleMs) {
    const { pids, longestMs } = idleWriters;
    const because = { transactions: pids.length, longestMs, outsideShare: null, blockedMs: null };
    return { ...common, sure: "likely", because };
  }
  const longest = waits?.likelyLongest?.atLeastMs ?? 0;
  if ((waits?.timedOut ?? 0) === 0 || longest * HEADROOM <= LONGEST_TIMEOUT_MS) return null;
  const longestMs = Math.max(longest, writeHolds.longest?.atLeastMs ?? 0);
  return { ...common, sure: "proved", because: { transactions: 0, longestMs, outsideShare: null, blockedMs: null } };
}

function walMode({ path, journalMode, readersAndCommits, source }: Evidence): WalMode | null {
  if (journalMode !== "rollback" || readersAndCommits === null) return null;
  const { failed, blockedMs } = THRESHOLDS["wal-mode"];
  const { waits } = readersAndCommits;
  if (source === "look" ? waits === 0 : readersAndCommits.failed < failed && readersAndCommits.blockedMs < blockedMs)
    return null;
  return {
    id: "wal-mode",
    path,
    sure: source === "look" ? "likely" : "proved",
    setting: { id: "wal-mode" },
    because: readersAndCommits,
  };
}

/** Readers keep a checkpoint from the end of the WAL: a shorter interval would not help. */
function endReads({ path, wal, source }: Evidence): EndReads | null {
  const { frames, forMs } = THRESHOLDS["end-reads"];
  if (wal === null || wal.mostPinned < frames || (source !== "look" && wal.pinnedMs < forMs)) return null;
  const because = { frames: wal.mostPinned, forMs: wal.pinnedMs, bytes: wal.mostBytes, pids: wal.pinnedBy };
  return { id: "end-reads", path, sure: "proved", setting: { id: "end-reads" }, because };
}

/** Nobody is in the way of a checkpoint, and none is made. */
function checkpointInterval({ path, wal, source }: Evidence): CheckpointInterval | null {
  const { frames, forMs } = THRESHOLDS["checkpoint-interval"];
  if (wal === null || wal.mostUncopied < frames || (source !== "look" && wal.uncopiedMs < forMs)) return null;
  const because = { frames: wal.mostUncopied, forMs: wal.uncopiedMs, bytes: wal.mostBytes };
  const setting = { id: "checkpoint-interval", frames: AUTO_CHECKPOINT_FRAMES } as const;
  return { id: "checkpoint-interval", path, sure: source === "look" ? "likely" : "proved", setting, because };
}

function ofId<Id extends PatternId>(patterns: readonly Pattern[], id: Id): Extract<Pattern, { readonly id: Id }>[] {
  return patterns.filter((pattern): pattern is Extract<Pattern, { readonly id: Id }> => pattern.id === id);
}
