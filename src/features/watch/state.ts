/**
 * What the screen knows, gathered from events and looks; a view of it is plain data, and stays as it is while the
 * watching goes on. Pure.
 */

import type { DatabaseReport, Finding, Holder, Lock } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";
import { lockText } from "../../render/watch/lines.ts";
import { meaningOfLocks } from "../../sqlite/activity.ts";
import { ACTIVITIES, type Activity, type Block, LOCK_NAMES, type LockName } from "../../sqlite/locks.ts";
import { commandOf } from "../../text/holder.ts";
import type { WatchEvent } from "./event.ts";
import { isWriteLock, type Span } from "./occupancy.ts";

/** A line of the list of events: a lock that was taken and released is one line. */
export interface LogEntry {
  readonly event: WatchEvent;
  /** Of a lock: for how long it was held; null while it is. */
  heldMs: number | null;
}

export interface HolderView {
  readonly path: string;
  readonly pid: number;
  readonly command: string;
  readonly activity: Activity;
  readonly locks: string;
  /** For how long it has held the strongest of its locks, in ms; null where it has none, or nobody knows. */
  readonly heldMs: number | null;
  readonly atLeast: boolean;
  readonly blocks: readonly Block[];
  readonly stale: Holder["stale"];
}

export interface DatabaseView {
  readonly path: string;
  /** Null: there is no such file, or it has not been looked at yet. */
  readonly report: DatabaseReport | null;
  readonly looked: boolean;
  readonly holders: readonly HolderView[];
  readonly findings: readonly Finding[];
  /** When the write lock was held. */
  readonly writing: readonly Span[];
}

export interface View {
  readonly nowMs: number;
  readonly startedMs: number;
  readonly databases: readonly DatabaseView[];
  /** The newest is the last. */
  readonly log: readonly LogEntry[];
  readonly unseen: Unseen | null;
}

/** How far back the sparkline goes, in ms. */
export const WINDOW_MS = 120_000;

const MOST_LOG = 200;

/** A hold of a lock that every reader has is worth a line when it lasted this long, in ms. */
const LONG_MS = 1000;

interface HeldNow {
  readonly event: WatchEvent;
  readonly entry: LogEntry | null;
}

interface DatabaseState {
  report: DatabaseReport | null;
  looked: boolean;
  /** By pid and what lockKey() says. */
  readonly held: Map<number, Map<string, HeldNow>>;
  spans: { fromMs: number; toMs: number | null; readonly key: string }[];
}

export class LiveState {
  readonly #databases: ReadonlyMap<string, DatabaseState>;
  readonly #startedMs: number;
  #log: LogEntry[] = [];
  #unseen: Unseen | null = null;

  constructor(paths: readonly string[], startedMs: number) {
    this.#databases = new Map(paths.map((path) => [path, { report: null, looked: false, held: new Map(), spans: [] }]));
    this.#startedMs = startedMs;
  }

  look(seen: ReadonlyMap<string, DatabaseReport | null>, unseen: Unseen | null = null): void {
    this.#unseen = unseen;
    for (const [path, report] of seen) {
      const state = this.#databases.get(path);
      if (state === undefined) continue;
      state.report = report;
      state.looked = true;
    }
  }

  add(events: readonly WatchEvent[]): void {
    for (const event of events) {
      const state = this.#databases.get(event.path);
      if (state === undefined) continue;
      if (event.lock === null) {
        if (event.event !== "watching" && event.event !== "open") this.#log.push({ event, heldMs: null });
      } else if (event.event === "released") this.#release(state, event);
      else this.#take(state, event);
    }
    if (this.#log.length > MOST_LOG) this.#log = this.#log.slice(-MOST_LOG);
  }

  view(nowMs: number): View {
    const databases = [...this.#databases].map(([path, state]): DatabaseView => {
      state.spans = state.spans.filter(({ toMs }) => toMs === null || toMs > nowMs - WINDOW_MS);
      return {
        path,
        report: state.report,
        looked: state.looked,
        holders: holdersOf(path, state, nowMs),
        findings: state.report?.findings ?? [],
        writing: state.spans.map(({ fromMs, toMs }) => ({ fromMs, toMs })),
      };
    });
    return {
      nowMs,
      startedMs: this.#startedMs,
      databases,
      log: this.#log.map((entry) => ({ ...entry })),
      unseen: this.#unseen,
    };
  }

  #take(state: DatabaseState, event: WatchEvent): void {
    const { pid, lock, type } = event;
    if (pid === null) return;
    const locks = state.held.get(pid) ?? new Map<string, HeldNow>();
    state.held.set(pid, locks);
    const entry = isNotable(event, locks) ? { event, heldMs: null } : null;
    if (entry !== null) this.#log.push(entry);
    locks.set(lockKey(event), { event, entry });
    if (isWriteLock(lock, type))
      state.spans.push({ fromMs: event.at.getTime(), toMs: null, key: `${pid} ${lockKey(event)}` });
  }

  #release(state: DatabaseState, event: WatchEvent): void {
    const { pid, heldMs } = event;
    if (pid === null || heldMs === null) return;
    const locks = state.held.get(pid);
    const before = locks?.get(lockKey(event));
    locks?.delete(lockKey(event));
    if (locks?.size === 0) state.held.delete(pid);
    if (before?.entry) before.entry.heldMs = heldMs;
    else if (heldMs >= LONG_MS && !(isOfConnection(event.lock) && state.report?.journalMode === "wal"))
      this.#log.push({ event, heldMs });
    const span = state.spans.find(({ key, toMs }) => toMs === null && key === `${pid} ${lockKey(event)}`);
    if (span !== undefined) span.toMs = event.at.getTime();
  }
}

function lockKey({ lock, role, type, api }: WatchEvent): string {
  return `${lock} ${role} ${type} ${api}`;
}

/** In WAL mode these say only that it has the database open. */
function isOfConnection(lock: LockName | null): boolean {
  return lock === "SHARED" || lock === "DMS";
}

/** PENDING and EXCLUSIVE behind RESERVED are the end of the same transaction. */
function isNotable({ lock, type }: WatchEvent, others: ReadonlyMap<string, HeldNow>): boolean {
  if (type !== "write" || lock?.startsWith("READ") === true || lock === "DMS") return false;
  const reserved = [...others.values()].some(({ event }) => event.lock === "RESERVED");
  return !(reserved && (lock === "PENDING" || lock === "EXCLUSIVE"));
}

/** Those of the look and those that have come since. */
function holdersOf(path: string, state: DatabaseState, nowMs: number): HolderView[] {
  const known = new Map((state.report?.holders ?? []).map((holder) => [holder.pid, holder]));
  const views = [...new Set([...known.keys(), ...state.held.keys()])].map((pid): HolderView => {
    const holder = known.get(pid);
    const held = [...(state.held.get(pid)?.values() ?? [])].map(({ event }) => event);
    held.sort((a, b) => strength(a.lock) - strength(b.lock));
    const { activity, blocks } = meaningNow(holder, held, state.report);
    const [strongest] = held;
    const sinceMs = strongest === undefined ? null : Math.max(0, nowMs - strongest.at.getTime());
    const atLeast = strongest?.event === "held";
    return {
      path,
      pid,
      command: holder === undefined ? (strongest?.name ?? "?") : commandOf(holder),
      activity,
      locks: [...new Set(held.map(lockText)), ...waitingText(holder)].join(", "),
      heldMs: sinceMs === null ? null : atLeast ? Math.max(sinceMs, holder?.heldAtLeastMs ?? 0) : sinceMs,
      atLeast,
      blocks,
      stale: holder?.stale ?? [],
    };
  });
  return views.sort((a, b) => rank(a) - rank(b) || a.pid - b.pid);
}

function meaningNow(
  holder: Holder | undefined,
  held: readonly WatchEvent[],
  report: DatabaseReport | null,
): { activity: Activity; blocks: readonly Block[] } {
  const locks = held.flatMap(({ lock, role, type, api }): Lock[] =>
    lock === null || role === null || type === null || api === null || lock === "FOREIGN"
      ? []
      : [{ name: lock, role, type, api, start: 0n, end: 0n, waiting: false }],
  );
  const now = meaningOfLocks(locks, {
    journalMode: report?.journalMode ?? "unknown",
    journalValid: report?.journal?.header === "valid",
    wal:
      report?.wal == null
        ? null
        : { mxFrame: report.wal.frames, nBackfill: report.wal.checkpointedFrames, readMarks: report.wal.readMarks },
  });
  // What a lock that is not SQLite's blocks depends on its bytes: the look has weighed them.
  const foreign = held.some(({ lock }) => lock === "FOREIGN") && holder !== undefined;
  if (!foreign || holder.activity === "unknown") return now;
  const stronger =
    ACTIVITIES.indexOf(holder.activity) < ACTIVITIES.indexOf(now.activity) ? holder.activity : now.activity;
  return { activity: stronger, blocks: [...new Set([...holder.blocks, ...now.blocks])] };
}

function waitingText(holder: Holder | undefined): string[] {
  return [...new Set((holder?.locks ?? []).filter(({ waiting }) => waiting).map(({ name }) => `[waits:${name}]`))];
}

/** In WAL mode the locks that a connection has all the time are the weakest. */
function strength(lock: LockName | null): number {
  if (lock === null) return LOCK_NAMES.length;
  return LOCK_NAMES.indexOf(lock) + (lock === "SHARED" ? LOCK_NAMES.indexOf("DMS") : 0);
}

/** Who has kept others out for a second or more comes first; shorter holds would make the list jump. */
function rank({ blocks, heldMs }: HolderView): number {
  const long = heldMs !== null && heldMs >= LONG_MS;
  if (long && (blocks.includes("readers") || blocks.includes("writers"))) return 0;
  return long && blocks.some((block) => block !== "journal-mode") ? 1 : 2;
}
