/**
 * The holders that may be ended, those that block most first, and what ending each one does: facts, no sentences. Pure.
 */
import { blocksSomebody, keepsOthersOut } from "../../model/blockers.ts";
import { readerOnPurpose } from "../../model/programs.ts";
import type { DatabaseReport, Holder, Progress } from "../../model/report.ts";
import { isActive } from "../../model/several-looks.ts";
import { causesOf } from "../../model/waits.ts";
import { type Doubt, type Doubts, doubtsOf, type Parties } from "./claims.ts";
import { type Consequence, consequencesOf } from "./consequences.ts";
import { type Danger, dangersOf } from "./dangers.ts";
import { takeTurns } from "./exit-code.ts";

export interface Candidate {
  readonly holder: Holder;
  /** It keeps others from more than a change of the journal mode. */
  readonly blocks: boolean;
  readonly staleReasons: readonly StaleReason[];
  /** --stale takes it. */
  readonly takenByStale: boolean;
  /** --stale --likely takes it as well: that its transaction is abandoned is not proved. */
  readonly takenByLikely: boolean;
  /** --yes takes it where no process is named. */
  readonly takenByYes: boolean;
  /** It keeps others out for moments alone, while transactions end: --yes spares it. Null where that does not show. */
  readonly turns: Turns | null;
  readonly consequences: readonly Consequence[];
  readonly dangers: readonly Danger[];
  /** Why it is not ended unless a person names it. */
  readonly doubts: Doubts;
}

/** At least so many transactions ended while it was looked at. */
export type Turns = Pick<Progress, "commits" | "withinMs">;

/** Why it is likely to be forgotten. `idleMs`: for how long it has not run, or likely holds, where that is known. */
export type StaleReason =
  | { readonly kind: "stopped" | "idle-in-transaction" | "likely-idle-in-transaction"; readonly idleMs: number | null }
  | { readonly kind: "orphaned" | "deleted-file" };

type Database = Pick<
  DatabaseReport,
  | "path"
  | "journalMode"
  | "journal"
  | "beyondHeader"
  | "wal"
  | "lockDirectory"
  | "holders"
  | "blockers"
  | "waits"
  | "findings"
  | "progress"
>;

/**
 * `containerInits`: pids of the first processes of containers. Those that block others come first, then the stale ones,
 * then the rest by pid; idle ones come last. `parties` null: whose what is does not matter.
 */
export function candidatesOf(
  database: Database,
  containerInits: ReadonlySet<number>,
  parties: Parties | null = null,
): Candidate[] {
  return database.holders
    .map((holder) => ({
      ...candidateOf(holder, database, containerInits.has(holder.pid)),
      doubts: doubtsOf(holder, database, parties),
    }))
    .sort((a, b) => rank(a) - rank(b) || a.holder.pid - b.holder.pid);
}

/** What a person who picks it from the list should know. */
export function warningsOf({ takenByYes, blocks, doubts: { byYes, byStale } }: Candidate): readonly Doubt[] {
  if (takenByYes) return byYes;
  return blocks ? byStale : byStale.filter(({ kind }) => kind === "other-user");
}

/** What its files show of a process that polls, several looks have to show: it may be at work between two writes. */
function isLikelyForgotten({ pid, stale, heldLikelyBasis }: Holder, { findings }: Database): boolean {
  if (!stale.includes("likely-idle-in-transaction")) return false;
  const byFiles = heldLikelyBasis !== null && heldLikelyBasis !== "living-threads";
  return !byFiles || findings.some(({ id, pids }) => id === "uncommitted-write" && pids.includes(pid));
}

function candidateOf(holder: Holder, database: Database, isContainerInit: boolean): Omit<Candidate, "doubts"> {
  const blocks = blocksSomebody(holder);
  const orphaned = database.findings.some(({ id, pids }) => id === "orphaned-holder" && pids.includes(holder.pid));
  const forgotten = holder.stale.includes("idle-in-transaction") || holder.stale.includes("stopped") || orphaned;
  const lost = holder.stale.includes("deleted-file");
  const onPurpose = readerOnPurpose(holder) !== null;
  const dangers = dangersOf(holder, database, isContainerInit);
  const turns = turnsOf(holder, database);
  return {
    holder,
    blocks,
    staleReasons: staleReasonsOf(holder, orphaned),
    // Who reads on purpose is not forgotten, however long it sleeps.
    takenByStale: blocks && forgotten && !lost && !onPurpose,
    takenByLikely: blocks && !lost && !onPurpose && isLikelyForgotten(holder, database),
    takenByYes: turns === null && isTakenByYes(holder, database),
    turns,
    consequences: consequencesOf(holder, database, dangers),
    dangers,
  };
}

/** It keeps readers or writers out: itself, or because a process that does is waiting for its read. */
function isTakenByYes(holder: Holder, { waits }: Database): boolean {
  if (causesOf(waits).has(holder.pid)) return readerOnPurpose(holder) === null;
  const waitsForRead = waits.some(
    (each) => each.pid === holder.pid && each.for !== "lock" && each.blockedBy.length > 0,
  );
  return keepsOthersOut(holder) && !waitsForRead;
}

/**
 * A write lock of SQLite's is free when a commit of another transaction is over. Who waits for readers, or is waited
 * for, and a lock that is none of SQLite's, are another matter.
 */
function turnsOf(holder: Holder, { progress, waits }: Database): Turns | null {
  if (progress === null || !keepsOthersOut(holder) || !isActive(holder)) return null;
  if (!takeTurns({ progress }) && progress.released?.includes(holder.pid) !== true) return null;
  if (causesOf(waits).has(holder.pid)) return null;
  if (holder.locks.some(({ name, waiting }) => name === "FOREIGN" && !waiting)) return null;
  return { commits: progress.commits, withinMs: progress.withinMs };
}

function rank({ holder, blocks, takenByYes, turns, staleReasons }: Candidate): number {
  if (takenByYes) return 0;
  if (blocks && turns === null) return 1;
  if (staleReasons.length > 0) return 2;
  return holder.activity === "idle" ? 4 : 3;
}

function staleReasonsOf(holder: Holder, orphaned: boolean): StaleReason[] {
  const { stale, idleMs, heldLikelyMs } = holder;
  return [
    ...(["stopped", "idle-in-transaction"] as const)
      .filter((kind) => stale.includes(kind))
      .map((kind) => ({ kind, idleMs })),
    ...(stale.includes("likely-idle-in-transaction")
      ? [{ kind: "likely-idle-in-transaction", idleMs: heldLikelyMs } as const]
      : []),
    ...(orphaned ? [{ kind: "orphaned" } as const] : []),
    ...(stale.includes("deleted-file") ? [{ kind: "deleted-file" } as const] : []),
  ];
}
