/** The keys that were typed, by name: what a key does depends on what the screen shows (interaction.ts). Pure. */

export type Key =
  | "quit"
  | "interrupt"
  | "suspend"
  | "redraw"
  | "pause"
  | "space"
  | "kill"
  | "down"
  | "up"
  | "page-down"
  | "page-up"
  | "first"
  | "last"
  | "help"
  | "findings"
  | "enter"
  | "escape";

/** Source: console_codes(4), ctlseqs.txt of xterm; Home and End also as rxvt and the Linux console send them. */
const SEQUENCES: readonly (readonly [string, Key])[] = [
  ["\x1b[A", "up"],
  ["\x1bOA", "up"],
  ["\x1b[B", "down"],
  ["\x1bOB", "down"],
  ["\x1b[5~", "page-up"],
  ["\x1b[6~", "page-down"],
  ["\x1b[H", "first"],
  ["\x1bOH", "first"],
  ["\x1b[1~", "first"],
  ["\x1b[7~", "first"],
  ["\x1b[F", "last"],
  ["\x1bOF", "last"],
  ["\x1b[4~", "last"],
  ["\x1b[8~", "last"],
  ["\x1b[20~", "kill"], // F9, as in htop
  ["\x03", "interrupt"],
  ["\x1a", "suspend"],
  ["\x0c", "redraw"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["q", "quit"],
  ["Q", "quit"],
  ["p", "pause"],
  [" ", "space"],
  ["x", "kill"],
  ["j", "down"],
  ["k", "up"],
  ["g", "first"],
  ["G", "last"],
  ["f", "findings"],
  ["?", "help"],
  ["h", "help"],
];

/** Several keys may come at once. An unknown escape sequence is skipped as a whole. */
export function parseKeys(text: string): Key[] {
  const keys: Key[] = [];
  for (let at = 0; at < text.length; ) {
    const found = SEQUENCES.find(([sequence]) => text.startsWith(sequence, at));
    if (found !== undefined) {
      keys.push(found[1]);
      at += found[0].length;
      continue;
    }
    const other = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])/.exec(text.slice(at))?.[0];
    if (other === undefined && text[at] === "\x1b") keys.push("escape");
    at += other?.length ?? 1;
  }
  return keys;
}
