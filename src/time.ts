/** The time of this process, by means that cost nothing to load (node:perf_hooks and node:timers/promises do). */

/** How long this process has run, in ms; never goes back. */
export function uptimeMs(): number {
  return process.uptime() * 1000;
}

/** Waits, in ms. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
