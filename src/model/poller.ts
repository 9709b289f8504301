/**
 * Whether a thread polls for a lock, by readings of it: one that polls sleeps in a timer and wakes again and again. A
 * thread of a busy machine wakes late and runs in parts, and the readings come late: none of that makes a poller. Pure.
 */

/**
 * SQLite soon sleeps for 100 ms between two attempts (`sqliteDefaultBusyCallback`, main.c). A shorter sleep than this
 * has another cause: a thread of the Go runtime sleeps for at most 10 ms at a time, whatever the program does (sysmon,
 * proc.go).
 */
export const MIN_SLEEP_MS = 30;

/** A thread whose time is up no longer sleeps, however long it waits for a CPU: a longer sleep is none of SQLite's. */
const MAX_SLEEP_MS = 150;

/** A poller wakes at least so often, and no longer than this, in ms, from one time to the next. */
const MIN_WAKES = 2;
const MAX_BETWEEN_WAKES_MS = 250;

export interface ThreadReading {
  readonly atMs: number;
  /** `se.exec_start` of /proc/PID/sched. */
  readonly execStart: number;
  /** Asleep in nanosleep(2). */
  readonly asleep: boolean;
}

/** What the readings so far show of a thread. */
export interface PollerSeen {
  readonly last: ThreadReading;
  /** How often it was seen to have run after a sleep; the first and the last time of these. */
  readonly wakes: number;
  readonly firstWakeMs: number;
  readonly lastWakeMs: number;
  /** Since when it has been seen asleep without a break; null: it is not asleep. */
  readonly asleepSinceMs: number | null;
  /** For at least so long it was seen in one sleep, in ms. */
  readonly longestSleepMs: number;
}

export function withReading(before: PollerSeen | undefined, reading: ThreadReading): PollerSeen {
  const { atMs, execStart, asleep } = reading;
  if (before === undefined)
    return {
      last: reading,
      wakes: 0,
      firstWakeMs: atMs,
      lastWakeMs: atMs,
      asleepSinceMs: asleep ? atMs : null,
      longestSleepMs: 0,
    };
  const { last } = before;
  if (execStart === last.execStart) {
    const asleepSinceMs = asleep ? (before.asleepSinceMs ?? atMs) : null;
    const sleptMs = asleepSinceMs === null ? 0 : atMs - asleepSinceMs;
    return { ...before, last: reading, asleepSinceMs, longestSleepMs: Math.max(before.longestSleepMs, sleptMs) };
  }
  const awake = { ...before, last: reading, asleepSinceMs: asleep ? atMs : null };
  if (!last.asleep) return awake; // it goes on with what it woke for
  return {
    ...awake,
    wakes: before.wakes + 1,
    firstWakeMs: before.wakes === 0 ? atMs : before.firstWakeMs,
    lastWakeMs: atMs,
  };
}

export function polls({ wakes, firstWakeMs, lastWakeMs, longestSleepMs }: PollerSeen): boolean {
  return (
    wakes >= MIN_WAKES &&
    lastWakeMs - firstWakeMs <= MAX_BETWEEN_WAKES_MS * (wakes - 1) &&
    longestSleepMs >= MIN_SLEEP_MS &&
    longestSleepMs <= MAX_SLEEP_MS
  );
}
