/** All that is known of one database while it is watched: what is held, who uses it, what was found. Pure. */
import type { DatabaseReport } from "../../model/report.ts";
import { isWriteLock } from "../../sqlite/locks.ts";
import type { WatchEvent } from "./event.ts";
import { isConnectionLock, type LockView, lockKey } from "./held-lock.ts";
import { holderViews } from "./holder-view.ts";
import type { LiveLog, MutableLogRow } from "./live-log.ts";
import { type LiveVerdict, liveVerdict, type WriteSpan } from "./live-verdict.ts";
import { FiguresByProcess } from "./process-figures.ts";
import { SeenFindings } from "./seen-findings.ts";
import { SeenProcesses } from "./seen-processes.ts";
import type { DatabaseView } from "./view.ts";
import type { WalGrowth } from "./wal-growth.ts";

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

export class DatabaseState {
  readonly #path: string;
  readonly #log: LiveLog;
  #report: DatabaseReport | null = null;
  #looked = false;
  #wal: WalGrowth | null = null;
  /** By pid and lockKey(). */
  readonly #held = new Map<number, Map<string, HeldNow>>();
  /** The same, of locks on a file that another one has replaced at the path: they are none of the new one's. */
  readonly #former = new Map<number, Map<string, HeldNow>>();
  #spans: MutableSpan[] = [];
  /** The end of the last gap: what a look proved before is no longer proved. */
  #gapEndMs = Number.NEGATIVE_INFINITY;
  readonly #figures = new FiguresByProcess();
  readonly #processes = new SeenProcesses();
  readonly #findings: SeenFindings;
  #most = { holders: 0, wal: false };

  /** `log`: gets a row for each lock that is worth one. */
  constructor(path: string, log: LiveLog) {
    this.#path = path;
    this.#log = log;
    this.#findings = new SeenFindings(path);
  }

  /** `beganMs`: when the look began. */
  addLook(report: DatabaseReport | null, beganMs: number, wal: WalGrowth | null): void {
    this.#report = beganMs < this.#gapEndMs ? withoutAges(report) : report;
    this.#looked = true;
    this.#proveAges(this.#report, beganMs);
    this.#wal = wal;
    this.#processes.addLook(report, beganMs, (pid) => this.#held.has(pid));
    this.#findings.addLook(report?.findings ?? [], beganMs);
  }

  addLock(event: WatchEvent, pid: number, lock: LockView): void {
    this.#figures.add(event);
    this.#processes.addLock(event);
    if (event.event === "released") this.#release(event, pid, lock);
    else this.#take(event, pid, lock);
  }

  /** An event that is not of a lock. */
  addOther(event: WatchEvent): void {
    const { pid, gapMs } = event;
    if (event.event === "replaced" || event.event === "created") this.#leaveFormer();
    if (gapMs !== undefined) {
      this.#figures.add(event);
      this.#addGap(event, gapMs);
    }
    if (pid !== null && (event.event === "closed" || event.event === "ended")) {
      this.#processes.addEnd(pid, event.event, event.at.getTime());
      if (event.event === "ended" && !this.#held.has(pid)) this.#figures.end(pid);
    }
  }

  /** Also forgets what is no longer shown, and remembers how many rows there were at most. */
  view(nowMs: number, startedMs: number, unreadMs: number): DatabaseView {
    const [report, looked, wal, path] = [this.#report, this.#looked, this.#wal, this.#path];
    this.#spans = this.#spans.filter(({ toMs }) => toMs === null || toMs > nowMs - WINDOW_MS);
    const held = new Map([...this.#held].map(([pid, locks]) => [pid, [...locks.values()].map(eventOf)]));
    const isWal = report?.journalMode === "wal";
    const watchedMs = nowMs - startedMs - unreadMs;
    const shown = this.#processes.at(nowMs).map((process) => ({
      ...process,
      figures: this.#figures.of(process.pid, isWal, nowMs, watchedMs),
    }));
    const holders = holderViews(path, report, held, nowMs, shown);
    const writing = this.#spans.map((span) => ({ ...span }));
    this.#most = { holders: Math.max(this.#most.holders, holders.length), wal: this.#most.wal || isWal };
    const verdict: LiveVerdict =
      report === null
        ? { kind: looked ? "no-file" : "looking" }
        : liveVerdict(holders, report.verdict, writing, nowMs, startedMs);
    const findings = this.#findings.at(nowMs);
    return { path, report, looked, holders, findings, verdict, writing, wal, most: this.#most };
  }

  #take(event: WatchEvent, pid: number, lock: LockView): void {
    if (event.formerFile === true && this.#former.size > 0) return;
    const locks = this.#held.get(pid) ?? new Map<string, HeldNow>();
    this.#held.set(pid, locks);
    const row = this.#log.take(
      event,
      lock,
      [...locks.values()].map((held) => held.lock),
    );
    locks.set(lockKey(lock), { event, provedMs: null, lock, row });
    const isOpen = this.#spans.some((span) => span.pid === pid && span.toMs === null);
    if (isWriteLock(lock) && !isOpen) {
      const atLeast = event.event === "held" ? { atLeast: true } : {};
      this.#spans.push({ pid, fromMs: event.at.getTime(), toMs: null, ...atLeast });
    }
  }

  #release(event: WatchEvent, pid: number, lock: LockView): void {
    const { heldMs } = event;
    if (heldMs === null) return;
    const isFormer = event.formerFile === true && this.#former.get(pid)?.has(lockKey(lock)) === true;
    const all = isFormer ? this.#former : this.#held;
    const locks = all.get(pid);
    const held = locks?.get(lockKey(lock));
    locks?.delete(lockKey(lock));
    if (locks?.size === 0) all.delete(pid);
    const isOfOpenDatabase = isConnectionLock(lock.name) && this.#report?.journalMode === "wal";
    const provedMs = held?.provedMs == null ? 0 : event.at.getTime() - held.provedMs;
    this.#log.release(event, Math.max(heldMs, provedMs), held?.row ?? null, isOfOpenDatabase);
    const isStillWriting = [...(locks?.values() ?? [])].some((each) => isWriteLock(each.lock));
    const span = this.#spans.find((each) => each.pid === pid && each.toMs === null);
    // the lock may have been missing in the reading before a gap, whose end the span begins with
    if (span !== undefined && !isStillWriting && !isFormer) span.toMs = Math.max(span.fromMs, event.at.getTime());
  }

  /** There is another file at the path: what is held is held on the one before. */
  #leaveFormer(): void {
    for (const [pid, locks] of this.#held) this.#former.set(pid, new Map([...(this.#former.get(pid) ?? []), ...locks]));
    this.#held.clear();
    this.#spans = [];
  }

  /** What is held was held until the gap; at its end it is there again, or its release follows. */
  #addGap({ at }: WatchEvent, gapMs: number): void {
    const endMs = at.getTime();
    this.#gapEndMs = endMs;
    this.#report = withoutAges(this.#report);
    for (const locks of this.#held.values())
      for (const held of locks.values()) {
        held.event = { ...held.event, event: "held", at };
        held.provedMs = null;
      }
    for (const span of this.#spans.filter(({ toMs }) => toMs === null)) {
      span.toMs = Math.max(span.fromMs, endMs - gapMs);
      this.#spans.push({ pid: span.pid, fromMs: endMs, toMs: null, atLeast: true, again: true });
    }
  }

  /** A look proves how old the locks of a process are that were held before the watching began, or during a gap. */
  #proveAges(report: DatabaseReport | null, beganMs: number): void {
    for (const { pid, heldAtLeastMs } of report?.holders ?? []) {
      if (heldAtLeastMs === null) continue;
      const provedMs = beganMs - heldAtLeastMs;
      for (const held of this.#held.get(pid)?.values() ?? []) {
        if (held.event.event !== "held" || held.event.at.getTime() > beganMs) continue;
        held.provedMs = Math.min(held.provedMs ?? Number.POSITIVE_INFINITY, provedMs);
        if (!isWriteLock(held.lock)) continue;
        const span = this.#spans.find((each) => each.pid === pid && each.toMs === null);
        if (span?.atLeast === true) span.provedMs = held.provedMs;
      }
    }
  }
}

function withoutAges(report: DatabaseReport | null): DatabaseReport | null {
  if (report === null) return null;
  return { ...report, holders: report.holders.map((holder) => ({ ...holder, heldAtLeastMs: null })) };
}

/** With the time from which on it is known to be held. */
function eventOf({ event, provedMs }: HeldNow): WatchEvent {
  return provedMs === null || provedMs >= event.at.getTime() ? event : { ...event, at: new Date(provedMs) };
}
