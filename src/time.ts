/** Time and sleep without modules that take time to load (node:perf_hooks, node:timers/promises). */

/** How long this process has run, in ms. Monotonic. */
export function uptimeMs(): number {
  return process.uptime() * 1000;
}

/** Waits, in ms. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
