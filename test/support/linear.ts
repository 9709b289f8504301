/** Whether a function takes time that is linear in the length of what hostile users write, on however busy a machine. */

/** Characters; four times as many are compared with it. */
const LENGTH = 8192;

/** What takes less for the long text needs no comparison: quadratic steps for so many take seconds. */
const FAST_MS = 100;

/** For a sixteenth of the long text: the long one would take a minute or more. */
const HOPELESS_MS = 1000;

/** Quadratic is 16, linear 4. */
const MAX_RATIO = 8;

/** A busy machine makes a run slower, never faster: the fastest of so many counts. */
const TRIES = 4;

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

/** Null where it is linear; else what was slow. `start`: before the text, to get a pattern going. */
export function notLinear(run: (text: string) => unknown, pump: string, start = "", end = "\r!"): string | null {
  const textOf = (length: number) => start + pump.repeat(Math.ceil(length / pump.length)) + end;
  const [tiny, short, long] = [textOf(LENGTH / 4), textOf(LENGTH), textOf(4 * LENGTH)];
  if (timeOf(run, tiny) > HOPELESS_MS) return `${JSON.stringify(start + pump)}: more than a minute`;
  let [shortMs, longMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < TRIES; i++) {
    longMs = Math.min(longMs, timeOf(run, long));
    if (longMs < FAST_MS) return null;
    shortMs = Math.min(shortMs, timeOf(run, short));
    if (longMs < MAX_RATIO * shortMs) return null;
  }
  return `${JSON.stringify(start + pump)}: ${shortMs.toFixed(1)} ms, and for four times as much ${longMs.toFixed(1)} ms`;
}

function timeOf(run: (text: string) => unknown, text: string): number {
  const started = performance.now();
  try {
    run(text);
  } catch (error) {
    if (error instanceof RangeError) throw error; // a stack that is not deep enough
  }
  return performance.now() - started;
}
