/**
 * When a lock has kept others out for as long as --alert says, once an episode. The readings of /proc/locks say for how
 * long a lock is held, a look what it keeps others from, and who has it: there is an alert when both agree. Pure.
 */
import type { DatabaseReport, Holder, Lock } from "../../../model/report.ts";
import type { CommitMark } from "../../../sqlite/commit-mark.ts";
import { LOCK_NAMES } from "../../../sqlite/locks.ts";
import type { WatchEvent } from "../event.ts";
import { ALERTING, type Alert, type AlertEffect, alertingEffects } from "./alert.ts";
import { Holds, holdKey, type Look, nowOf } from "./holds.ts";

/** The locks by which a process keeps others out as an alert has said: no other alert before all are released. */
type Told = Set<string>;

interface AlertState {
  readonly holds: Holds;
  /** By owner and effect. */
  readonly told: Map<string, Told>;
  /** By episode: the lock that its alert names, as long as it is held. */
  readonly named: Map<number, string>;
  /** The lock directory that was told of, and since when there is one. */
  directory: { readonly madeMs: number; readonly episode: number } | null;
}

/** A lock that has been held for long enough. */
interface Aged {
  readonly lock: Lock;
  readonly heldMs: number;
  readonly atLeast: boolean;
}

export interface AlertLook {
  /** By path. */
  readonly reports: ReadonlyMap<string, DatabaseReport | null>;
  readonly marks: ReadonlyMap<string, CommitMark | null>;
  /** When it began and ended: what it found was so in between. */
  readonly beganMs: number;
  readonly atMs: number;
}

export class AlertTracker {
  readonly #databases: ReadonlyMap<string, AlertState>;
  readonly #afterMs: number;
  #episodes = 0;
  #readUntilMs = 0;
  #lookedMs = 0;

  /** `exact`: events tell of every lock, as those of the kernel do. */
  constructor(paths: readonly string[], afterMs: number, exact = false) {
    this.#databases = new Map(
      paths.map((path) => [path, { holds: new Holds(exact), told: new Map(), named: new Map(), directory: null }]),
    );
    this.#afterMs = afterMs;
  }

  /** After a gap a lock that is held again gets no event: its episode goes on, since nothing shows that it ended. */
  addEvents(events: readonly WatchEvent[]): void {
    for (const [path, state] of this.#databases) {
      const released = new Set<string>();
      for (const event of events) {
        const key = event.path === path ? state.holds.addEvent(event) : null;
        if (key === null) continue;
        if (event.event === "released") released.add(key);
      }
      endEpisodes(state, [...released]);
    }
  }

  /**
   * Whether a look is due, beside those of --interval: half-way, from which commits are counted, and when a lock has
   * been held for so long that a look has to say what it blocks. True once for each.
   */
  needsLook(readUntilMs: number): boolean {
    this.#readUntilMs = Math.max(this.#readUntilMs, readUntilMs);
    let needed = false;
    for (const { holds } of this.#databases.values())
      for (const hold of holds.all()) {
        const share = hold.clock === "read" ? (readUntilMs - hold.sinceMs) / this.#afterMs : 0;
        const wanted = share >= 1 ? (hold.compared || hold.mark === null ? 2 : 3) : share >= 0.5 ? 1 : 0;
        if (hold.asked >= wanted) continue;
        hold.asked = wanted;
        needed ||= share >= 1 || hold.mark === null;
      }
    return needed;
  }

  /** `readUntilMs`: /proc/locks has been read until then, and all events before it were added. */
  addLook({ reports, marks, beganMs, atMs }: AlertLook, readUntilMs: number): Alert[] {
    this.#readUntilMs = Math.max(this.#readUntilMs, readUntilMs);
    this.#lookedMs = atMs;
    return [...reports].flatMap(([path, report]) => {
      const state = this.#databases.get(path);
      if (state === undefined || report === null) return [];
      const look: Look = { report, mark: marks.get(path) ?? null, beganMs, atMs, readUntilMs };
      endEpisodes(state, state.holds.addLook(look));
      return [
        ...report.holders.flatMap((holder) => this.#alertsOf(state, look, holder)),
        ...this.#alertsOf(state, look, null),
        ...this.#directoryAlerts(state, look),
      ];
    });
  }

  /** Whether the lock that the alert names is still held, without a break that is known. */
  isOpen(alert: Pick<Alert, "path" | "episode">): boolean {
    return this.holdOf(alert) !== null;
  }

  /** For how long it has been held, as far as is known now; null: it was released. */
  holdOf({ path, episode }: Pick<Alert, "path" | "episode">): Pick<Alert, "heldMs" | "atLeast"> | null {
    const state = this.#databases.get(path);
    const { directory } = state ?? {};
    if (directory?.episode === episode) return { heldMs: this.#lookedMs - directory.madeMs, atLeast: false };
    const key = state?.named.get(episode);
    const hold = key === undefined ? undefined : state?.holds.get(key);
    if (hold === undefined) return null;
    const nowMs = hold.clock === "read" ? this.#readUntilMs : this.#lookedMs;
    return { heldMs: Math.max(0, nowMs - hold.sinceMs), atLeast: hold.atLeast };
  }

  /** `holder` null: of the locks without an owner. */
  #alertsOf(state: AlertState, look: Look, holder: Holder | null): Alert[] {
    const { report, atMs } = look;
    const pid = holder?.pid ?? null;
    const blockers = report.blockers.filter((blocker) => blocker.pid === pid);
    const locks = (holder?.locks ?? report.unownedLocks).filter(({ waiting }) => !waiting);
    const aged = locks.flatMap((lock) => this.#agedOf(state, look, holder, lock) ?? []);
    const found = ALERTING.filter((effect) => blockers.some((blocker) => blocker.effect === effect)).map((effect) => {
      const by = ({ lock }: { readonly lock: Lock }) => alertingEffects(lock, report).includes(effect);
      // one that was released after the look is none of them
      const keys = locks
        .filter((lock) => by({ lock }))
        .map((lock) => holdKey(pid, lock))
        .filter((each) => state.holds.get(each) !== undefined);
      return { effect, key: `${pid ?? "?"} ${effect}`, keys, aged: aged.filter(by) };
    });
    for (const { key, keys } of found) for (const each of keys) state.told.get(key)?.add(each);
    const news = found.filter(({ key, aged: some }) => some.length > 0 && !state.told.has(key));
    const strongest = news.flatMap(({ aged: some }) => some).sort((a, b) => strengthOf(a) - strengthOf(b))[0];
    if (strongest === undefined) return [];
    const episode = ++this.#episodes;
    for (const { key, keys } of news) state.told.set(key, new Set(keys));
    const blocks = found.filter(({ aged: some }) => some.length > 0).map(({ effect }): AlertEffect => effect);
    const waitsFor = [...new Set(blockers.flatMap((blocker) => blocker.waitsFor))];
    const { lock, heldMs, atLeast } = strongest;
    state.named.set(episode, holdKey(pid, lock));
    return [{ atMs, path: report.path, holder, lock, lockDirectory: null, heldMs, atLeast, blocks, waitsFor, episode }];
  }

  #agedOf({ holds }: AlertState, look: Look, holder: Holder | null, lock: Lock): Aged | null {
    const hold = holds.get(holdKey(holder?.pid ?? null, lock));
    if (hold === undefined) return null;
    const seenMs = Math.max(0, nowOf(hold, look) - hold.sinceMs);
    // taken again since the look began: what it proves is of the hold before
    const provedMs = hold.clock === "read" && hold.sinceMs > look.beganMs ? 0 : (holder?.heldAtLeastMs ?? 0);
    const heldMs = Math.max(seenMs, provedMs);
    if (heldMs < this.#afterMs) return null;
    // It may have been released for a moment that no reading shows: there has to be a look to compare with.
    if (!hold.compared && provedMs < this.#afterMs) return null;
    return { lock, heldMs, atLeast: hold.atLeast };
  }

  /** It has no pid, and keeps out all who lock in that way. */
  #directoryAlerts(state: AlertState, { report, atMs }: Look): Alert[] {
    const { lockDirectory } = report;
    const madeMs = lockDirectory?.since.getTime() ?? null;
    if (state.directory !== null && state.directory.madeMs !== madeMs) state.directory = null;
    if (lockDirectory === null || madeMs === null || state.directory !== null) return [];
    const heldMs = atMs - madeMs;
    if (heldMs < this.#afterMs) return [];
    const episode = ++this.#episodes;
    state.directory = { madeMs, episode };
    return [
      {
        atMs,
        path: report.path,
        holder: report.holders.find(({ pid }) => pid === lockDirectory.pid) ?? null,
        lock: null,
        lockDirectory: lockDirectory.path,
        heldMs,
        atLeast: false,
        blocks: ["readers", "writers"],
        waitsFor: [],
        episode,
      },
    ];
  }
}

function endEpisodes({ told, named }: AlertState, released: readonly string[]): void {
  for (const [episode, key] of named) if (released.includes(key)) named.delete(episode);
  for (const [key, keys] of told) {
    for (const each of released) keys.delete(each);
    if (keys.size === 0) told.delete(key);
  }
}

function strengthOf({ lock }: Aged): number {
  return LOCK_NAMES.indexOf(lock.name);
}
