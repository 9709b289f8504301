/** Whether a function takes time linear in the length of what hostile users write, on however busy a machine. */
import { readFileSync } from "node:fs";

/** Characters of the short and of the long text: sixteen times as many. */
const SHORT = 1024;
const LONG = 16 * SHORT;

/** What takes less for the long text needs no comparison: quadratic steps for so many take some tenths of a second. */
const FAST_MS = 100;

/** For the short text: the long one would take minutes. */
const HOPELESS_MS = 1000;

/** Linear is 16, quadratic 256. */
const MAX_RATIO = 64;

/** What seems slow is asked once more, for four times the long text: linear is 4, quadratic 16. */
const MAX_RATIO_AT_LAST = 10;

/** A busy machine makes a run slower, never faster: the fastest of so many counts. */
const TRIES = 4;

/** The kernel may count the time of a thread only at its ticks (CONFIG_HZ is at least 100). */
const TICK_MS = 10;

/** What hostile texts are made of, whatever reads them: blanks, quotes, and halves of what patterns look for. */
export const PUMPS: readonly string[] = [
  " ",
  "\n",
  " \n",
  "\t",
  "\r",
  "\u2028",
  "a",
  "0",
  "a ",
  "a: ",
  "'",
  '"',
  '""',
  "`",
  "[",
  "(",
  ")",
  "/",
  "\\",
  "\\n",
  "-",
  ",",
  ".",
  "%",
  "=",
  ":",
  "\0",
  "\x1b[",
  "e\u0301",
  "\u0301",
  "\u200b",
  "\ufe0f\u0301",
  "字",
];

/** For what goes through each character several times: they take longer. */
export const FEW_PUMPS: readonly string[] = [" ", "\n", "a ", "e\u0301", "\u0301", "'"];

/** Null where it is linear; else what was slow. `start`: before the text, to get a pattern going. */
export function notLinear(run: (text: string) => unknown, pump: string, start = "", end = "\r!"): string | null {
  const textOf = (length: number) => start + pump.repeat(Math.ceil(length / pump.length)) + end;
  const [short, long] = [textOf(SHORT), textOf(LONG)];
  let [shortMs, longMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < TRIES; i++) {
    shortMs = Math.min(shortMs, timeOf(run, short));
    if (shortMs > HOPELESS_MS) continue;
    longMs = Math.min(longMs, timeOf(run, long));
    if (longMs < FAST_MS || longMs < MAX_RATIO * shortMs) return null;
  }
  if (longMs < MAX_RATIO * HOPELESS_MS && timeOf(run, textOf(4 * LONG)) < MAX_RATIO_AT_LAST * longMs) return null;
  return `${JSON.stringify(start + pump)}: ${shortMs.toFixed(1)} ms, for sixteen times as much ${longMs.toFixed(1)} ms`;
}

/** Without the time in which other processes had the CPU, where that is known. */
function timeOf(run: (text: string) => unknown, text: string): number {
  const [started, startedOnCpu] = [performance.now(), onCpuMs()];
  try {
    run(text);
  } catch (error) {
    if (error instanceof RangeError) throw error; // a stack that is not deep enough
  }
  const tookMs = performance.now() - started;
  return startedOnCpu === null ? tookMs : Math.min(tookMs, (onCpuMs() ?? 0) - startedOnCpu + TICK_MS);
}

/** How long this thread has had a CPU; null where the kernel does not say it. Source: sched-stats.rst */
function onCpuMs(): number | null {
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;
  } catch {
    return null;
  }
}
