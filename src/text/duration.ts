/** Times in sentences and tables. Pure. */

/** `0.3 s`, `12 s`, `4 m 12 s`, `2 h 5 m`, `3 d 4 h`; cut off, never rounded up. */
export function duration(ms: number): string {
  if (ms < 1000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} m` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `0.12 ms`, `46 ms`, `1.5 s`, `4 m 12 s`: rounded. */
export function fineDuration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms);
}

/** `0.4 ms`, `3 ms`, `5 s`: rounded up, for an upper bound. */
export function durationAtMost(ms: number): string {
  if (ms < 1) return `${(Math.ceil(ms * 10) / 10).toFixed(1)} ms`;
  if (ms < 1000) return `${Math.ceil(ms)} ms`;
  return ms < 10_000 ? `${Math.ceil(ms / 100) / 10} s` : duration(Math.ceil(ms));
}

/** `0`, `0.3ms`, `5s`: as an option takes it. */
export function optionDuration(ms: number): string {
  if (ms === 0) return "0";
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
