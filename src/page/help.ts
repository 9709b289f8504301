/** The keys of the timeline. */
import { button, make } from "./dom.ts";

const KEYS: readonly (readonly [string, string])[] = [
  ["\u2190 \u2192", "the bar before, the next bar of the lane"],
  ["\u2191 \u2193", "the lane above, the lane below"],
  ["Enter", "details of the bar; of a process: its connections"],
  ["Escape", "close the details"],
  ["n, p", "the longest wait, then the next shorter one; back"],
  ["+ \u2212", "zoom; with the mouse: the wheel, or two fingers"],
  ["Shift \u2190 \u2192", "earlier, later; with the mouse: drag"],
  ["0, Home", "show all"],
  ["c", "a lane for each connection, or one for each process"],
];

export function helpDialog(): HTMLDialogElement {
  const rows = KEYS.map(([keys, text]) => make("div", {}, make("dt", {}, make("kbd", {}, keys)), make("dd", {}, text)));
  const dialog = make(
    "dialog",
    { class: "help", "aria-label": "Keys" },
    make("h3", {}, "Keys"),
    make("dl", {}, ...rows),
  );
  dialog.append(button("Close", "Close (Escape)", () => dialog.close()));
  return dialog;
}
