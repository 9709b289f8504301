/** How large the kernel's buffers are. Pure. */

/** Of kernel memory, over all CPUs. */
const MOST_KB = 512 * 1024;
/**
 * A lock event takes 92 bytes in the buffer, and a call with its text 620. 50,000 locks a second on one CPU fill 16 MB
 * in 3.6 s.
 */
const PER_CPU_KB = 16 * 1024;
const LEAST_KB = 1024;

/** Sizes for each CPU to be tried, the best first: a smaller one where the kernel has no memory for a larger one. */
export function bufferSizes(cpus: number, availableKb: number): number[] {
  const share = Math.min(MOST_KB, availableKb / 16) / cpus;
  const sizes: number[] = [];
  for (let size = PER_CPU_KB; size >= LEAST_KB; size /= 2) if (size <= share || size === LEAST_KB) sizes.push(size);
  return sizes;
}

/** How many CPUs a list of the kernel names: `0-3,8`. Source: cpuset(7), "List format" */
export function cpuCount(list: string): number {
  const ranges = [...list.matchAll(/(\d+)(?:-(\d+))?/g)];
  return ranges.reduce((sum, [, first, last]) => sum + Number(last ?? first) - Number(first) + 1, 0);
}

/** `MemAvailable` of /proc/meminfo, in kB; 0 where it is not said. */
export function availableKbOf(meminfo: string): number {
  return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? 0);
}
