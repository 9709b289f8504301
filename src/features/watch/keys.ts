/** The actions of the keys that were typed. Pure. */

export type KeyAction =
  | "quit"
  | "interrupt"
  | "suspend"
  | "pause"
  | "kill"
  | "down"
  | "up"
  | "help"
  | "back"
  | "redraw";

const SEQUENCES: readonly (readonly [string, KeyAction])[] = [
  ["\x1b[A", "up"],
  ["\x1bOA", "up"],
  ["\x1b[B", "down"],
  ["\x1bOB", "down"],
  ["\x03", "interrupt"],
  ["\x1a", "suspend"],
  ["\x0c", "redraw"],
  ["q", "quit"],
  ["Q", "quit"],
  ["p", "pause"],
  [" ", "pause"],
  ["k", "kill"],
  ["j", "down"],
  ["?", "help"],
  ["h", "help"],
];

/** Several keys may come at once. An unknown escape sequence is skipped as a whole; Escape alone goes back. */
export function parseKeys(text: string): KeyAction[] {
  const keys: KeyAction[] = [];
  for (let at = 0; at < text.length; ) {
    const found = SEQUENCES.find(([sequence]) => text.startsWith(sequence, at));
    if (found !== undefined) {
      keys.push(found[1]);
      at += found[0].length;
      continue;
    }
    const other = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])/.exec(text.slice(at))?.[0];
    if (other === undefined && text[at] === "\x1b") keys.push("back");
    at += other?.length ?? 1;
  }
  return keys;
}
