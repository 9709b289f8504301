/** What the screen shows, gathered from events and looks; a view of it is plain data, and does not change. Pure. */
import type { DatabaseReport } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";
import { unseenMatters } from "../../model/unseen-matters.ts";
import type { FileIdentity } from "../../observe/same-file.ts";
import { isWriteLock } from "../../sqlite/locks.ts";
import type { CommandProblem } from "../alert/commands.ts";
import type { WatchEvent } from "./event.ts";
import { isConnectionLock, type LockView, lockOfEvent } from "./held-lock.ts";
import { type HolderView, holderViews } from "./holder-view.ts";
import { LiveLog, type LogRow, type MutableLogRow } from "./live-log.ts";
import { type LiveVerdict, liveVerdict, type WriteSpan } from "./live-verdict.ts";
import { FiguresByProcess } from "./process-figures.ts";
import { type FindingView, SeenFindings } from "./seen-findings.ts";
import { SeenProcesses } from "./seen-processes.ts";
import type { WalGrowth } from "./wal-growth.ts";

export interface DatabaseView {
  readonly path: string;
  /** Null: there is no such file, or it has not been looked at yet. */
  readonly report: DatabaseReport | null;
  readonly looked: boolean;
  /** Those that have gone a moment ago too. */
  readonly holders: readonly HolderView[];
  readonly findings: readonly FindingView[];
  readonly verdict: LiveVerdict;
  /** When the write lock was held. */
  readonly writing: readonly WriteSpan[];
  /** Null before the first look. */
  readonly wal: WalGrowth | null;
  /** What any view so far had at most: the screen keeps room for it, so that nothing jumps. */
  readonly most: { readonly holders: number; readonly wal: boolean };
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
  /** Null unless they may explain something. */
  readonly unseen: Unseen | null;
  /** Notes: a problem, findings, and a line for processes that could not be inspected. */
  readonly most: { readonly notes: number };
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

interface HeldNow {
  event: WatchEvent;
  /** A look has proved that it was held then already; null where none has. */
  provedMs: number | null;
  readonly lock: LockView;
  /** Null where it was not worth one. */
  readonly row: MutableLogRow | null;
}

type MutableSpan = { -readonly [key in keyof WriteSpan]: WriteSpan[key] };

/** All that is known of one database. */
class DatabaseState {
  report: DatabaseReport | null = null;
  looked = false;
  wal: WalGrowth | null = null;
  /** By pid and lockKey(). */
  readonly held = new Map<number, Map<string, HeldNow>>();
  /** The same, of locks on a file that another one has replaced at the path: they are none of the new one's. */
  readonly former = new Map<number, Map<string, HeldNow>>();
  spans: MutableSpan[] = [];
  /** The end of the last gap: what a look proved before is no longer proved. */
  gapEndMs = Number.NEGATIVE_INFINITY;
  readonly figures = new FiguresByProcess();
  readonly processes = new SeenProcesses();
  readonly findings: SeenFindings;
  most = { holders: 0, wal: false };

  constructor(path: string) {
    this.findings = new SeenFindings(path);
  }
}

/** What a look found. */
export interface LookResult {
  readonly reports: ReadonlyMap<string, DatabaseReport | null>;
  /** In ms: it need not know what came later. */
  readonly beganMs: number;
  readonly unseen: Unseen | null;
  /** By path. */
  readonly walGrowths: ReadonlyMap<string, WalGrowth | null>;
}

export class LiveState {
  readonly #databases: ReadonlyMap<string, DatabaseState>;
  readonly #startedMs: number;
  readonly #log = new LiveLog();
  #unseen: Unseen | null = null;
  #mostNotes = 0;
  #problem: ProblemView | null = null;

  constructor(paths: readonly string[], startedMs: number) {
    this.#databases = new Map(paths.map((path) => [path, new DatabaseState(path)]));
    this.#startedMs = startedMs;
  }

  addLook({ reports, beganMs, unseen, walGrowths }: LookResult): void {
    this.#unseen = unseen;
    for (const [path, report] of reports) {
      const state = this.#databases.get(path);
      if (state === undefined) continue;
      state.report = beganMs < state.gapEndMs ? withoutAges(report) : report;
      state.looked = true;
      proveAges(state, state.report, beganMs);
      state.wal = walGrowths.get(path) ?? null;
      state.processes.addLook(report, beganMs, (pid) => state.held.has(pid));
      state.findings.addLook(report?.findings ?? [], beganMs);
    }
  }

  addEvents(events: readonly WatchEvent[]): void {
    for (const event of events) {
      const state = this.#databases.get(event.path);
      if (state === undefined) continue;
      const lock = event.event === "alert" ? null : lockOfEvent(event);
      if (lock === null) this.#add(state, event);
      else if (event.pid !== null) {
        state.figures.add(event);
        state.processes.addLock(event);
        if (event.event === "released") this.#release(state, event, event.pid, lock);
        else this.#take(state, event, event.pid, lock);
      }
    }
  }

  addProblem(problem: ProblemView): void {
    this.#problem = problem;
  }

  /** `unreadMs`: for so long of the time since the start nothing was read, and is not counted as watched. */
  view(nowMs: number, unreadMs = 0): View {
    const startedMs = this.#startedMs;
    const databases = [...this.#databases].map(([path, state]) =>
      databaseView(path, state, nowMs, startedMs, unreadMs),
    );
    const problem = this.#problem === null ? {} : { problem: this.#problem };
    const findings = databases.reduce((sum, database) => sum + database.findings.length, 0);
    const reports = databases.flatMap(({ report }) => report ?? []);
    const unseen = unseenMatters(this.#unseen, reports) ? this.#unseen : null;
    const notes = findings + (unseen === null ? 0 : 1) + (this.#problem === null ? 0 : 1);
    this.#mostNotes = Math.max(this.#mostNotes, notes);
    const most = { notes: this.#mostNotes };
    return { nowMs, startedMs, databases, log: this.#log.rows, unseen, most, ...problem };
  }

  #add(state: DatabaseState, event: WatchEvent): void {
    const { pid, gapMs } = event;
    if (event.event === "replaced" || event.event === "created") leaveFormer(state);
    if (gapMs !== undefined) {
      state.figures.add(event);
      addGap(state, event, gapMs);
      if (event.path !== this.#databases.keys().next().value) return; // one row of the list is enough
    }
    if (pid !== null && (event.event === "closed" || event.event === "ended")) {
      state.processes.addEnd(pid, event.event, event.at.getTime());
      if (event.event === "ended" && !state.held.has(pid)) state.figures.end(pid);
    }
    this.#log.add(event);
  }

  #take(state: DatabaseState, event: WatchEvent, pid: number, lock: LockView): void {
    if (event.formerFile === true && state.former.size > 0) return;
    const locks = state.held.get(pid) ?? new Map<string, HeldNow>();
    state.held.set(pid, locks);
    const row = this.#log.take(
      event,
      lock,
      [...locks.values()].map((held) => held.lock),
    );
    locks.set(lockKey(lock), { event, provedMs: null, lock, row });
    const isOpen = state.spans.some((span) => span.pid === pid && span.toMs === null);
    if (isWriteLock(lock) && !isOpen) {
      const atLeast = event.event === "held" ? { atLeast: true } : {};
      state.spans.push({ pid, fromMs: event.at.getTime(), toMs: null, ...atLeast });
    }
  }

  #release(state: DatabaseState, event: WatchEvent, pid: number, lock: LockView): void {
    const { heldMs } = event;
    if (heldMs === null) return;
    const isFormer = event.formerFile === true && state.former.get(pid)?.has(lockKey(lock)) === true;
    const all = isFormer ? state.former : state.held;
    const locks = all.get(pid);
    const held = locks?.get(lockKey(lock));
    locks?.delete(lockKey(lock));
    if (locks?.size === 0) all.delete(pid);
    const isOfOpenDatabase = isConnectionLock(lock.name) && state.report?.journalMode === "wal";
    const provedMs = held?.provedMs == null ? 0 : event.at.getTime() - held.provedMs;
    this.#log.release(event, Math.max(heldMs, provedMs), held?.row ?? null, isOfOpenDatabase);
    const isStillWriting = [...(locks?.values() ?? [])].some((each) => isWriteLock(each.lock));
    const span = state.spans.find((each) => each.pid === pid && each.toMs === null);
    if (span !== undefined && !isStillWriting && !isFormer) span.toMs = event.at.getTime();
  }
}

/** There is another file at the path: what is held is held on the one before. */
function leaveFormer(state: DatabaseState): void {
  for (const [pid, locks] of state.held) state.former.set(pid, new Map([...(state.former.get(pid) ?? []), ...locks]));
  state.held.clear();
  state.spans = [];
}

/** What is held was held until the gap; at its end it is there again, or its release follows. */
function addGap(state: DatabaseState, { at }: WatchEvent, gapMs: number): void {
  const endMs = at.getTime();
  state.gapEndMs = endMs;
  state.report = withoutAges(state.report);
  for (const locks of state.held.values())
    for (const held of locks.values()) {
      held.event = { ...held.event, event: "held", at };
      held.provedMs = null;
    }
  for (const span of state.spans.filter(({ toMs }) => toMs === null)) {
    span.toMs = Math.max(span.fromMs, endMs - gapMs);
    state.spans.push({ pid: span.pid, fromMs: endMs, toMs: null, atLeast: true, again: true });
  }
}

function withoutAges(report: DatabaseReport | null): DatabaseReport | null {
  if (report === null) return null;
  return { ...report, holders: report.holders.map((holder) => ({ ...holder, heldAtLeastMs: null })) };
}

/** A look proves how old the locks of a process are that were held before the watching began, or during a gap. */
function proveAges(state: DatabaseState, report: DatabaseReport | null, beganMs: number): void {
  for (const { pid, heldAtLeastMs } of report?.holders ?? []) {
    if (heldAtLeastMs === null) continue;
    const provedMs = beganMs - heldAtLeastMs;
    for (const held of state.held.get(pid)?.values() ?? []) {
      if (held.event.event !== "held" || held.event.at.getTime() > beganMs) continue;
      held.provedMs = Math.min(held.provedMs ?? Number.POSITIVE_INFINITY, provedMs);
      if (!isWriteLock(held.lock)) continue;
      const span = state.spans.find((each) => each.pid === pid && each.toMs === null);
      if (span?.atLeast === true) span.provedMs = held.provedMs;
    }
  }
}

/** With the time from which on it is known to be held. */
function eventOf({ event, provedMs }: HeldNow): WatchEvent {
  return provedMs === null || provedMs >= event.at.getTime() ? event : { ...event, at: new Date(provedMs) };
}

/** Also forgets what is no longer shown, and remembers how many rows there were at most. */
function databaseView(
  path: string,
  state: DatabaseState,
  nowMs: number,
  startedMs: number,
  unreadMs: number,
): DatabaseView {
  const { report, looked, wal } = state;
  state.spans = state.spans.filter(({ toMs }) => toMs === null || toMs > nowMs - WINDOW_MS);
  const held = new Map([...state.held].map(([pid, locks]) => [pid, [...locks.values()].map(eventOf)]));
  const isWal = report?.journalMode === "wal";
  const watchedMs = nowMs - startedMs - unreadMs;
  const shown = state.processes.at(nowMs).map((process) => ({
    ...process,
    figures: state.figures.of(process.pid, isWal, nowMs, watchedMs),
  }));
  const holders = holderViews(path, report, held, nowMs, shown);
  const writing = state.spans.map((span) => ({ ...span }));
  state.most = { holders: Math.max(state.most.holders, holders.length), wal: state.most.wal || isWal };
  const verdict: LiveVerdict =
    report === null
      ? { kind: looked ? "no-file" : "looking" }
      : liveVerdict(holders, report.verdict, writing, nowMs, startedMs);
  const findings = state.findings.at(nowMs);
  return { path, report, looked, holders, findings, verdict, writing, wal, most: state.most };
}

function lockKey({ name, role, type, api }: LockView): string {
  return `${name} ${role} ${type} ${api}`;
}
