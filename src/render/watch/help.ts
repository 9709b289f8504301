/** The keys and the help of the screen. Pure. */
import type { SourceKind } from "../../recording/source.ts";
import { paragraph } from "../paragraph.ts";

/** The last line of the screen. */
export const KEYS = "q quit  p pause  x kill  j/k select  f findings  ? help";

/** The last line of a page: of the help, of the findings. */
export const PAGE_KEYS = "j/k scroll  Esc back";

const KEY_HELP: readonly (readonly [string, string])[] = [
  ["q, Ctrl-C", "end, and print a summary"],
  ["j, down", "select the next process"],
  ["k, up", "select the previous process"],
  ["PgDn, PgUp", "move by a screen"],
  ["g, Home", "select the first process"],
  ["G, End", "select the last process"],
  ["f, Enter", "show the findings in full, those of the selected process first"],
  ["x, F9", "kill the selected process (asks first)"],
  ["p, Space", "pause the screen; recording continues"],
  ["Ctrl-L", "draw the screen again"],
  ["Ctrl-Z", "suspend; fg comes back"],
  ["?, h", "this help"],
];

const NOTES = [
  "In the findings and in this help the same keys scroll. Esc, Enter or q goes back.",
  "The first line of a database says whether it is locked, and by which process.",
  "WAL: the size of the -wal file. Its growth is that of the last minute, measured for at least 10 seconds; frames " +
    "that are written over old ones take no space. When the disk is full is an estimate for all databases that are " +
    "watched: other programs write too.",
  "write lock: WRITE in WAL mode, RESERVED and what follows it in rollback mode. One column is one second; the last " +
    "is now.",
  "HELD-FOR: how long the process has held the strongest of its locks, from when it was seen to take it; with >=, at " +
    "least this long.",
  "TIMES, TOTAL, LONGEST, SHARE: since watch started. Writes: how often the process held the write lock. For a " +
    "process that never did: ckpts (CKPT), locks (not SQLite's), or reads. SHARE: of the time watched.",
  "A process that has closed the database (closed), has ended (ended), or shows no lock any more (gone) stays for 10 " +
    "seconds. So does a finding that no longer holds.",
];

const SOURCE_NOTES: Readonly<Record<SourceKind, string>> = {
  sampled:
    "Locks are read from /proc/locks about every 2 ms: a shorter hold may be missed, and two holds with a shorter " +
    "pause count as one.",
  kernel: "Locks are from the kernel's trace events: every hold counts, however short.",
};

const LOOK_NOTE =
  "Which processes have the database open, the findings, and OFD locks, which have no owner in /proc/locks, are " +
  "looked up at every --interval.";

/** The names of the keys, and a space. */
const KEY_WIDTH = 1 + Math.max(...KEY_HELP.map(([keys]) => keys.length));

export function helpLines(source: SourceKind, width: number): string[] {
  const keys = KEY_HELP.map(([names, text]) =>
    paragraph(names.padEnd(KEY_WIDTH) + text, " ".repeat(KEY_WIDTH), { width }),
  );
  const notes = [...NOTES, `${SOURCE_NOTES[source]} ${LOOK_NOTE}`].map((note) => paragraph(note, "  ", { width }));
  return [...keys, "", ...notes].flatMap((text) => text.split("\n"));
}
