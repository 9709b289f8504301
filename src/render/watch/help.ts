/** The keys and the help of the screen. Pure. */
import { cut } from "../layout.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";

/** The last line of the screen. */
export const KEYS = "q quit  p pause  k kill  j/down up select  ? help";

const KEY_HELP: readonly (readonly [string, string])[] = [
  ["q, Ctrl-C", "end, and print a summary"],
  ["p", "pause: the screen stays as it is; the watching continues"],
  ["j, down, up", "select a process"],
  ["k", "kill the selected process (asks first)"],
  ["Ctrl-Z", "to the shell; fg comes back"],
  ["?", "this help, and back"],
];

const NOTES = [
  "Locks are read from /proc/locks every 2 ms or so: what is shorter may be missed, and a pause that is shorter " +
    "joins two holds to one.",
  "Who has the database open, the findings, and OFD locks, which have no owner in /proc/locks, come from a look " +
    "at all processes every --interval.",
  "HELD is for how long the process has held the strongest of its locks: from when it was seen to take it, or, " +
    "with >=, at least.",
  "The write lock is WRITE in WAL mode, RESERVED and what follows it in rollback mode. One column of its line is " +
    "a second; the last is now.",
];

/** The names of the keys, and a space. */
const KEY_WIDTH = 1 + Math.max(...KEY_HELP.map(([keys]) => keys.length));

export function helpLines(width: number, style: Style): string[] {
  const keys = KEY_HELP.map(([names, text]) =>
    paragraph(names.padEnd(KEY_WIDTH) + text, " ".repeat(KEY_WIDTH), { ...style, width }),
  );
  const notes = NOTES.map((note) => paragraph(note, "", { ...style, width }));
  const lines = ["", ...keys, "", ...notes].flatMap((text) => text.split("\n"));
  return lines.map((line) => cut(line, width, style.ellipsis));
}
