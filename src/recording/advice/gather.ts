/** Gathers what advice stands on, from the lines of a recording. Pure; its memory is bounded. */
import type { LockName } from "../../sqlite/locks.ts";
import { Durations } from "../distribution/durations.ts";
import { countedHolds, holdKindOf } from "../distribution/hold-kinds.ts";
import type { CountsLine, LockLine, RecordingLine, WaitLine } from "../lines.ts";
import { endingOf } from "../summary/ended.ts";
import type { Pattern } from "../summary/pattern.ts";
import { isReadMark, isWriteHold, wantedWith } from "../summary/wanted.ts";
import type { Blocked, Evidence } from "./evidence.ts";
import { Needed } from "./needed.ts";
import { forecasts } from "./timeouts.ts";
import { WalGrowth } from "./wal-growth.ts";

interface Database {
  readonly writeHolds: Durations;
  /** Since when write locks were held that still were at the end. */
  readonly heldSinceMs: number[];
  readonly writers: Set<string>;
  readonly needed: Needed;
  readonly openedWithMs: Set<number>;
  readonly wal: WalGrowth;
  readonly readersAndCommits: { -readonly [Name in keyof Blocked]: number };
  isWal: boolean;
  isRollback: boolean;
}

const MOST_DATABASES = 1_000;
const MOST_WRITERS = 10_000;
const MOST_TIMEOUTS = 100;
/** Connections of one database write one after the other. */
const MOST_HELD = 1_000;

export interface GatheredOf {
  /** How long the recording is, without the times of which it tells nothing. */
  readonly watchedMs: number;
  /** Of the axis. */
  readonly endMs: number;
  readonly exact: boolean;
  readonly patterns: readonly Pattern[];
}

export class AdviceGatherer {
  readonly #databases = new Map<string, Database>();

  add(line: RecordingLine): void {
    switch (line.type) {
      case "meta":
        for (const { path } of line.databases) this.#of(path);
        return;
      case "lock":
        this.#addLock(line);
        return;
      case "wait":
        this.#addWait(line);
        return;
      case "counts":
        this.#addCounts(line);
        return;
      case "wal":
        this.#of(line.path)?.wal.add(line);
        return;
      case "connection": {
        if (line.path === null || line.timeoutMs === null) return;
        const timeouts = this.#of(line.path)?.openedWithMs;
        if (timeouts !== undefined && timeouts.size < MOST_TIMEOUTS) timeouts.add(line.timeoutMs);
        return;
      }
      default:
    }
  }

  /** At the end: by database. */
  evidence({ watchedMs, endMs, exact, patterns }: GatheredOf): Evidence[] {
    return [...this.#databases].map(([path, database]) => {
      const { writeHolds, heldSinceMs, writers, needed, openedWithMs, wal, readersAndCommits, isWal, isRollback } =
        database;
      needed.end();
      for (const fromMs of heldSinceMs.splice(0)) writeHolds.addAtLeast(Math.max(0, endMs - fromMs));
      const { timedOut, atOnce, gaveUpAfterMs } = needed;
      return {
        ...{ path, source: exact ? "kernel" : "sampled", watchedMs, writers: writers.size },
        journalMode: isWal === isRollback ? null : isWal ? "wal" : "rollback",
        writeHolds: writeHolds.quantiles,
        waits: exact
          ? {
              lengths: needed.certain.quantiles,
              likelyLongest: needed.likely.quantile(1),
              timedOut,
              atOnce,
              gaveUpAfterMs,
            }
          : null,
        openedWithMs: [...openedWithMs].sort((a, b) => a - b),
        timeouts: forecasts({ needed: exact ? needed : null, writeHolds, watchedMs }),
        readersAndCommits: exact && isRollback && !isWal ? readersAndCommits : null,
        patterns: patterns.filter((pattern) => pattern.path === path),
        wal: wal.evidence(endMs),
        idleWriters: null,
      } satisfies Evidence;
    });
  }

  #addLock(line: LockLine): void {
    const database = this.#of(line.path);
    if (database === null) return;
    noteMode(database, line.lock);
    database.needed.addLock(line);
    if (!isWriteHold(line)) return;
    this.#writes(database, line);
    if (line.toMs === null) {
      if (database.heldSinceMs.length < MOST_HELD) database.heldSinceMs.push(line.fromMs);
    } else if (line.atLeast) database.writeHolds.addAtLeast(line.toMs - line.fromMs);
    else database.writeHolds.add(line.toMs - line.fromMs);
  }

  #addWait(line: WaitLine): void {
    const database = this.#of(line.path);
    if (database === null) return;
    database.needed.addWait(line);
    if (line.perhapsSeveralCalls === true || !isBetweenReadAndCommit(line)) return;
    const { readersAndCommits } = database;
    readersAndCommits.waits++;
    readersAndCommits.blockedMs += line.waitedMs;
    if (endingOf(line) === "busy") readersAndCommits.failed++;
  }

  #addCounts(line: CountsLine): void {
    const database = this.#of(line.path);
    if (database === null) return;
    for (const name of Object.keys(line.holds) as LockName[]) {
      const hold = line.holds[name];
      if (hold === undefined) continue;
      noteMode(database, name);
      const [kind, counted] = countedHolds(name, hold) ?? [null, null];
      if (kind !== "write" || counted === null) continue;
      database.writeHolds.addCounted(counted);
      this.#writes(database, line);
    }
    if (line.waits !== null) database.needed.addCounts(line.waits, line.gaveUp ?? 0);
  }

  #writes({ writers }: Database, { pid, startTicks }: Pick<LockLine, "pid" | "startTicks">): void {
    if (writers.size < MOST_WRITERS) writers.add(`${pid} ${startTicks ?? ""}`);
  }

  #of(path: string): Database | null {
    const known = this.#databases.get(path);
    if (known !== undefined) return known;
    if (this.#databases.size >= MOST_DATABASES) return null;
    const database: Database = {
      ...{ writeHolds: new Durations(), heldSinceMs: [], writers: new Set(), needed: new Needed() },
      openedWithMs: new Set(),
      ...{ wal: new WalGrowth(), readersAndCommits: { waits: 0, blockedMs: 0, failed: 0 } },
      ...{ isWal: false, isRollback: false },
    };
    this.#databases.set(path, database);
    return database;
  }
}

function noteMode(database: Database, lock: LockName): void {
  if (lock === "WRITE" || lock === "CKPT" || isReadMark(lock)) database.isWal = true;
  else if (lock === "RESERVED") database.isRollback = true;
}

/** In rollback mode: a reader waits for one that commits, or a commit for readers. */
function isBetweenReadAndCommit(line: WaitLine): boolean {
  if (line.lock === "EXCLUSIVE") return line.blockers.some(({ lockType }) => lockType === "read");
  if (wantedWith(line) !== "read") return false;
  return line.blockers.some(({ lock, lockType }) => holdKindOf(lock, lockType) === "exclusive" || lock === "PENDING");
}
