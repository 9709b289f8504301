/** The holders as the screen shows them at one moment: those of the last look, with the locks of now. Pure. */
import { blocksSomebody, keepsOthersOut } from "../../model/blockers.ts";
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { meaningOfLocks } from "../../sqlite/activity.ts";
import { ACTIVITIES, type Activity, type Block, compareLocks } from "../../sqlite/locks.ts";
import { commandOf } from "../../text/holder.ts";
import type { WatchEvent } from "./event.ts";
import { type LockView, lockOfEvent } from "./held-lock.ts";
import type { ProcessFigures } from "./process-figures.ts";
import type { Gone, SeenProcess } from "./seen-processes.ts";

export interface HolderView {
  readonly path: string;
  readonly pid: number;
  readonly command: string;
  readonly activity: Activity;
  /** The strongest first; those that are waited for last. */
  readonly locks: readonly LockView[];
  /** For how long it has held the strongest of its locks, in ms; null where it has none, or that is not known. */
  readonly heldMs: number | null;
  readonly atLeast: boolean;
  readonly blocks: readonly Block[];
  readonly stale: Holder["stale"];
  /** Since the watching began; null where it has had no lock that counts. */
  readonly figures: ProcessFigures | null;
  /** Null while it has the database open. */
  readonly gone: Gone | null;
}

/** A process that was seen, and what it has had. */
export interface ShownProcess extends SeenProcess {
  readonly figures: ProcessFigures | null;
}

/** From when on a hold is long, in ms. */
export const LONG_HOLD_MS = 1000;

/** A lock that is held now, and the event that said so. */
interface Held {
  readonly lock: LockView;
  readonly event: WatchEvent;
}

/**
 * Those of the last look, those that have come since, and those that have gone a moment ago. `held`: by pid, the events
 * of the locks that are held now. Those that have kept others out for long come first: shorter holds would make the
 * list jump. One that has gone keeps its place.
 */
export function holderViews(
  path: string,
  report: DatabaseReport | null,
  held: ReadonlyMap<number, readonly WatchEvent[]>,
  nowMs: number,
  shown: readonly ShownProcess[] = [],
): HolderView[] {
  const known = new Map((report?.holders ?? []).map((holder) => [holder.pid, holder]));
  const processes = new Map(shown.map((process) => [process.pid, process]));
  return [...new Set([...known.keys(), ...held.keys(), ...processes.keys()])]
    .map((pid) => {
      const view = holderView(path, pid, report, known.get(pid), heldLocks(held.get(pid) ?? []), nowMs);
      const process = processes.get(pid);
      const command = view.command === UNKNOWN_COMMAND ? (process?.command ?? UNKNOWN_COMMAND) : view.command;
      return { ...view, command, figures: process?.figures ?? null, gone: process?.gone ?? null };
    })
    .sort((a, b) => rank(a) - rank(b) || a.pid - b.pid);
}

const UNKNOWN_COMMAND = "?";

function heldLocks(events: readonly WatchEvent[]): Held[] {
  return events
    .flatMap((event) => {
      const lock = lockOfEvent(event);
      return lock === null ? [] : [{ lock, event }];
    })
    .sort((a, b) => compareLocks(a.lock, b.lock));
}

function holderView(
  path: string,
  pid: number,
  report: DatabaseReport | null,
  holder: Holder | undefined,
  held: readonly Held[],
  nowMs: number,
): Omit<HolderView, "figures" | "gone"> {
  const strongest = held[0]?.event;
  const sinceMs = strongest === undefined ? null : Math.max(0, nowMs - strongest.at.getTime());
  const atLeast = strongest?.event === "held";
  const locks = held.map(({ lock }) => lock);
  return {
    path,
    pid,
    command: holder === undefined ? (strongest?.name ?? UNKNOWN_COMMAND) : commandOf(holder),
    ...meaningNow(holder, locks, report),
    locks: [...locks, ...(holder?.locks ?? []).filter(({ waiting }) => waiting).map(withoutBytes)],
    heldMs: sinceMs === null ? null : atLeast ? Math.max(sinceMs, holder?.heldAtLeastMs ?? 0) : sinceMs,
    atLeast,
    stale: holder?.stale ?? [],
  };
}

function withoutBytes({ name, role, type, api, waiting }: LockView): LockView {
  return { name, role, type, api, waiting };
}

function meaningNow(
  holder: Holder | undefined,
  locks: readonly LockView[],
  report: DatabaseReport | null,
): { activity: Activity; blocks: readonly Block[] } {
  const ofSqlite = locks.filter(({ name }) => name !== "FOREIGN").map((lock) => ({ ...lock, start: 0n, end: 0n }));
  const now = meaningOfLocks(ofSqlite, {
    journalMode: report?.journalMode ?? "unknown",
    journalValid: report?.journal?.header === "valid",
    wal:
      report?.wal == null
        ? null
        : { mxFrame: report.wal.frames, nBackfill: report.wal.checkpointedFrames, readMarks: report.wal.readMarks },
  });
  // What a lock that is not SQLite's blocks depends on its bytes: only the look knows them.
  if (ofSqlite.length === locks.length || holder === undefined || holder.activity === "unknown") return now;
  const stronger =
    ACTIVITIES.indexOf(holder.activity) < ACTIVITIES.indexOf(now.activity) ? holder.activity : now.activity;
  return { activity: stronger, blocks: [...new Set([...holder.blocks, ...now.blocks])] };
}

function rank(view: HolderView): number {
  if (view.heldMs === null || view.heldMs < LONG_HOLD_MS) return 2;
  if (keepsOthersOut(view)) return 0;
  return blocksSomebody(view) ? 1 : 2;
}
