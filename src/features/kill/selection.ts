/** Which holders are signalled, and which never are. Pure. */
import type { Holder } from "../../model/report.ts";
import type { Candidate } from "./candidates.ts";
import type { RefusalReason } from "./result.ts";

export interface Selection {
  readonly pids: readonly number[];
  readonly stale: boolean;
  /** With stale: also those that are likely forgotten, and not proved to be. */
  readonly likely: boolean;
  readonly force: boolean;
  /** A person at a terminal sees the consequences, and is asked. */
  readonly interactive: boolean;
  /** A person picked each of them from the list. */
  readonly picked: boolean;
}

/** A process that is not signalled. */
export interface Refusal {
  readonly pid: number;
  /** Null: it is no holder. */
  readonly holder: Holder | null;
  readonly reason: RefusalReason;
}

export interface Selected {
  readonly candidates: readonly Candidate[];
  readonly refusals: readonly Refusal[];
}

/** By --pid, by --stale, or those that block readers or writers. */
export function select(candidates: readonly Candidate[], { pids, stale, likely }: Selection): Selected {
  const takes = (each: Candidate) => (stale ? each.takenByStale || (likely && each.takenByLikely) : each.takenByYes);
  if (pids.length === 0) return { candidates: candidates.filter(takes), refusals: [] };
  const named = [...new Set(pids)].map((pid) => [pid, candidates.find(({ holder }) => holder.pid === pid)] as const);
  return {
    candidates: named.flatMap(([, candidate]) => candidate ?? []),
    refusals: named.flatMap(([pid, candidate]) =>
      candidate === undefined ? [{ pid, holder: null, reason: { kind: "not-a-holder" } as const }] : [],
    ),
  };
}

/** Those that --yes would take if they did not take turns with others. */
export function sparedBy(candidates: readonly Candidate[], selection: Selection): Candidate[] {
  return isNamed(selection) || selection.stale ? [] : candidates.filter(({ turns }) => turns !== null);
}

/** A person says which processes are meant. */
export function isNamed({ pids, picked }: Selection): boolean {
  return pids.length > 0 || picked;
}

/**
 * Refuses those that must not be signalled. `ownPids`: sqlock itself, its ancestors (the shell it was started from,
 * sudo), and the leader of its session.
 */
export function guard(
  { candidates, refusals }: Selected,
  selection: Selection,
  ownPids: ReadonlySet<number>,
): Selected {
  const checked = candidates.map((candidate) => [candidate, refusalOf(candidate, selection, ownPids)] as const);
  return {
    candidates: checked.flatMap(([candidate, reason]) => (reason === null ? [candidate] : [])),
    refusals: [
      ...refusals,
      ...checked.flatMap(([{ holder }, reason]) => (reason === null ? [] : [{ pid: holder.pid, holder, reason }])),
    ],
  };
}

function refusalOf(
  { holder, dangers, doubts }: Candidate,
  selection: Selection,
  ownPids: ReadonlySet<number>,
): RefusalReason | null {
  const { pids, force, interactive } = selection;
  if (holder.pid === 1) return { kind: "pid-1" };
  if (ownPids.has(holder.pid)) return { kind: "own-ancestor" };
  if (holder.startTicks === null) return { kind: "hidden" };
  const danger = dangers.find(({ kind }) =>
    // What a lost file has cannot be brought back: a yes at the terminal is not enough.
    kind === "lost-file" ? !force : !interactive && !(force && pids.includes(holder.pid)),
  );
  const [doubt] = isNamed(selection) ? [] : selection.stale ? doubts.byStale : doubts.byYes;
  if (doubt !== undefined && danger?.kind !== "lost-file") return doubt;
  return danger === undefined ? null : { kind: "danger", danger };
}
