/** What the screen shows, gathered from events and looks; a view of it is plain data, and does not change. Pure. */
import type { DatabaseReport, Finding } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";
import type { FileIdentity } from "../../observe/same-file.ts";
import { isWriteLock } from "../../sqlite/locks.ts";
import type { CommandProblem } from "./alert/commands.ts";
import type { WatchEvent } from "./event.ts";
import { isConnectionLock, isNotable, type LockView, lockOfEvent } from "./held-lock.ts";
import { type HolderView, holderViews, LONG_HOLD_MS } from "./holder-view.ts";
import type { Span } from "./occupancy.ts";

/** A row of the list of events: a lock that was taken and released is one row. */
export interface LogRow {
  readonly event: WatchEvent;
  /** Of a lock: for how long it was held; null while it is. */
  readonly heldMs: number | null;
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

/** What became of the command of an alert, and when. */
export interface ProblemView {
  readonly atMs: number;
  /** The alert. */
  readonly event: WatchEvent;
  readonly problem: CommandProblem;
}

export interface View {
  readonly nowMs: number;
  readonly startedMs: number;
  readonly databases: readonly DatabaseView[];
  /** The newest is the last. */
  readonly log: readonly LogRow[];
  readonly unseen: Unseen | null;
  /** The last one; left out where there was none. */
  readonly problem?: ProblemView;
}

/** Which file it is that the screen shows a holder of; null: none had that path. `before`: at the start of watching. */
export function shownFile(
  { databases }: View,
  { path }: Pick<HolderView, "path">,
  before: FileIdentity | null,
): FileIdentity | null {
  const shown = databases.find((each) => each.path === path);
  if (shown === undefined || !shown.looked) return before;
  return shown.report?.files.find(({ role }) => role === "database") ?? null;
}

/** How far back the times of the write lock are kept, in ms. */
const WINDOW_MS = 120_000;

const MAX_LOG_ROWS = 200;

interface MutableLogRow extends LogRow {
  heldMs: number | null;
}

interface HeldNow {
  readonly event: WatchEvent;
  readonly lock: LockView;
  /** Null where it was not worth one. */
  readonly row: MutableLogRow | null;
}

interface DatabaseState {
  report: DatabaseReport | null;
  looked: boolean;
  /** By pid and lockKey(). */
  readonly held: Map<number, Map<string, HeldNow>>;
  spans: { fromMs: number; toMs: number | null; readonly key: string }[];
}

export class LiveState {
  readonly #databases: ReadonlyMap<string, DatabaseState>;
  readonly #startedMs: number;
  #log: MutableLogRow[] = [];
  #unseen: Unseen | null = null;
  #problem: ProblemView | null = null;

  constructor(paths: readonly string[], startedMs: number) {
    this.#databases = new Map(paths.map((path) => [path, { report: null, looked: false, held: new Map(), spans: [] }]));
    this.#startedMs = startedMs;
  }

  addLook(reports: ReadonlyMap<string, DatabaseReport | null>, unseen: Unseen | null = null): void {
    this.#unseen = unseen;
    for (const [path, report] of reports) {
      const state = this.#databases.get(path);
      if (state === undefined) continue;
      state.report = report;
      state.looked = true;
    }
  }

  addEvents(events: readonly WatchEvent[]): void {
    for (const event of events) {
      const state = this.#databases.get(event.path);
      if (state === undefined) continue;
      const lock = event.event === "alert" ? null : lockOfEvent(event);
      if (lock === null) {
        if (event.event !== "watching" && event.event !== "open") this.#log.push({ event, heldMs: null });
      } else if (event.pid !== null) {
        if (event.event === "released") this.#release(state, event, event.pid, lock);
        else this.#take(state, event, event.pid, lock);
      }
    }
    if (this.#log.length > MAX_LOG_ROWS) this.#log = this.#log.slice(-MAX_LOG_ROWS);
  }

  addProblem(problem: ProblemView): void {
    this.#problem = problem;
  }

  view(nowMs: number): View {
    const databases = [...this.#databases].map(([path, state]): DatabaseView => {
      state.spans = state.spans.filter(({ toMs }) => toMs === null || toMs > nowMs - WINDOW_MS);
      const held = new Map([...state.held].map(([pid, locks]) => [pid, [...locks.values()].map(({ event }) => event)]));
      return {
        path,
        report: state.report,
        looked: state.looked,
        holders: holderViews(path, state.report, held, nowMs),
        findings: state.report?.findings ?? [],
        writing: state.spans.map(({ fromMs, toMs }) => ({ fromMs, toMs })),
      };
    });
    const log = this.#log.map(({ event, heldMs }) => ({ event, heldMs }));
    const problem = this.#problem === null ? {} : { problem: this.#problem };
    return { nowMs, startedMs: this.#startedMs, databases, log, unseen: this.#unseen, ...problem };
  }

  #take(state: DatabaseState, event: WatchEvent, pid: number, lock: LockView): void {
    const locks = state.held.get(pid) ?? new Map<string, HeldNow>();
    state.held.set(pid, locks);
    const others = [...locks.values()].map((held) => held.lock);
    const row = isNotable(lock, others) ? { event, heldMs: null } : null;
    if (row !== null) this.#log.push(row);
    locks.set(lockKey(lock), { event, lock, row });
    if (isWriteLock(lock)) state.spans.push({ fromMs: event.at.getTime(), toMs: null, key: `${pid} ${lockKey(lock)}` });
  }

  #release(state: DatabaseState, event: WatchEvent, pid: number, lock: LockView): void {
    const { heldMs } = event;
    if (heldMs === null) return;
    const locks = state.held.get(pid);
    const held = locks?.get(lockKey(lock));
    locks?.delete(lockKey(lock));
    if (locks?.size === 0) state.held.delete(pid);
    const isOfOpenDatabase = isConnectionLock(lock.name) && state.report?.journalMode === "wal";
    if (held?.row != null) held.row.heldMs = heldMs;
    else if (heldMs >= LONG_HOLD_MS && !isOfOpenDatabase) this.#log.push({ event, heldMs });
    const span = state.spans.find(({ key, toMs }) => toMs === null && key === `${pid} ${lockKey(lock)}`);
    if (span !== undefined) span.toMs = event.at.getTime();
  }
}

function lockKey({ name, role, type, api }: LockView): string {
  return `${name} ${role} ${type} ${api}`;
}
