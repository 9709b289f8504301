/**
 * Whether a database is locked now, and by which process: what was measured while it was watched, else what the last
 * look says. Pure.
 */
import { keepsOthersOut } from "../../model/blockers.ts";
import type { VerdictReport } from "../../model/report.ts";
import type { Block, LockName } from "../../sqlite/locks.ts";
import { type HolderView, LONG_HOLD_MS } from "./holder-view.ts";
import type { Span } from "./occupancy.ts";
import { occupancy } from "./occupancy.ts";

/** A hold of the write lock. */
export interface WriteSpan extends Span {
  readonly pid: number;
  /** It began before the watching, or during a gap; left out of others. */
  readonly atLeast?: boolean;
  /** A look has proved that it began before that; left out where none has. */
  readonly provedMs?: number;
  /** It goes on after a gap, or was taken again in it: it was counted already; left out of others. */
  readonly again?: boolean;
}

export type LiveVerdict =
  | { readonly kind: "looking" }
  | { readonly kind: "no-file" }
  /** `holder`: the one that has kept readers or writers out for the longest time; `more`: how many others do so. */
  | { readonly kind: "held"; readonly holder: HolderView; readonly lock: LockName; readonly more: number }
  /** `holders`: those that took the write lock in the last moments. */
  | {
      readonly kind: "busy";
      readonly holders: readonly Pick<HolderView, "pid" | "command">[];
      /** How often it was taken; a hold that was there already counts as one. */
      readonly times: number;
      readonly longestMs: number;
      /** The longest is older than what was seen of it. */
      readonly atLeast: boolean;
      /** It was released that long ago; null: it is held now. */
      readonly sinceMs: number | null;
      readonly withinMs: number;
    }
  /** The verdict of the last look. */
  | { readonly kind: "looked"; readonly sentence: string }
  /** What the last look says is no longer so: a lock was released, or a process has opened the database. */
  | { readonly kind: "released"; readonly open: number };

/** How far back holds of the write lock make a database busy, in ms. */
const BUSY_WITHIN_MS = 10_000;

/** From which share of that time on. */
const BUSY_SHARE = 0.05;

const KEEP_OUT: readonly Block[] = ["readers", "writers", "commits"];

/** `startedMs`: of the watching. */
export function liveVerdict(
  holders: readonly HolderView[],
  looked: Pick<VerdictReport, "state" | "pids" | "sentence">,
  writing: readonly WriteSpan[],
  nowMs: number,
  startedMs: number,
): LiveVerdict {
  const blockers = holders.filter((holder) => holder.gone === null && holder.blocks.some((b) => KEEP_OUT.includes(b)));
  const lookStands = looked.pids.length === 0 || blockers.some(({ pid }) => looked.pids.includes(pid));
  const long = blockers.filter((holder) => keepsOthersOut(holder) && (holder.heldMs ?? 0) >= LONG_HOLD_MS);
  const [longest, ...others] = long.toSorted((a, b) => (b.heldMs ?? 0) - (a.heldMs ?? 0));
  const lock = longest?.locks.find(({ waiting }) => !waiting)?.name;
  if (longest !== undefined && lock !== undefined) {
    // The look knows causes, the watching knows ages: of a lock that is older than the watching, both know the same.
    const isCause = looked.pids[0] === longest.pid && !longest.atLeast;
    if (looked.state !== "blocked" || !lookStands || isCause)
      return { kind: "held", holder: longest, lock, more: others.length };
    return { kind: "looked", sentence: looked.sentence };
  }
  const busy = busyVerdict(holders, writing, nowMs, startedMs);
  // A look is one moment of a short transaction whose begin was seen, and of others that were over.
  const isShort = blockers.every((holder) => !holder.atLeast && keepsOthersOut(holder));
  const takesTurns = busy !== null && busy.times > 1 && isShort;
  if (looked.state === "unknown" || (looked.state === "blocked" && lookStands && !takesTurns))
    return { kind: "looked", sentence: looked.sentence };
  if (busy !== null) return busy;
  const open = holders.filter(({ gone }) => gone === null).length;
  const isOpenSince = looked.state === "free" && open > 0;
  return (looked.state === "free" || looked.state === "open") && !isOpenSince
    ? { kind: "looked", sentence: looked.sentence }
    : { kind: "released", open };
}

function busyVerdict(
  holders: readonly HolderView[],
  writing: readonly WriteSpan[],
  nowMs: number,
  startedMs: number,
): Extract<LiveVerdict, { kind: "busy" }> | null {
  const withinMs = Math.min(BUSY_WITHIN_MS, Math.max(1000, nowMs - startedMs));
  const recent = writing.filter(({ toMs }) => toMs === null || toMs > nowMs - withinMs);
  const [share = 0] = occupancy(recent, nowMs, withinMs, 1);
  if (recent.length === 0 || (share < BUSY_SHARE && recent.every(({ toMs }) => toMs !== null))) return null;
  const pids = [...new Set(recent.map(({ pid }) => pid))];
  const holds = recent.map(({ fromMs, toMs, provedMs, atLeast }) => ({
    ms: (toMs ?? nowMs) - Math.min(fromMs, provedMs ?? fromMs),
    atLeast: atLeast === true,
  }));
  const longestMs = Math.max(...holds.map(({ ms }) => ms));
  const isHeld = recent.some(({ toMs }) => toMs === null);
  return {
    kind: "busy",
    holders: pids.map((pid) => ({ pid, command: holders.find((each) => each.pid === pid)?.command ?? "?" })),
    times: Math.max(1, recent.filter(({ again }) => again !== true).length),
    longestMs,
    atLeast: holds.some(({ ms, atLeast }) => atLeast && ms === longestMs),
    sinceMs: isHeld ? null : nowMs - Math.max(...recent.map(({ toMs }) => toMs ?? nowMs)),
    withinMs,
  };
}
