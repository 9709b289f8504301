/** What the colours and patterns mean: drawn as the bars are. Only what the recording has. */
import { Bars } from "./bars.ts";
import { make } from "./dom.ts";
import { familyName, type LockStyle, lockStyle } from "./lock-styles.ts";
import type { Model, OpenEnds } from "./model.ts";
import { LONGEST_LINES } from "./paint/arrows.ts";
import { BarPainter } from "./paint/bar-painter.ts";
import { Palette } from "./paint/palette.ts";

const WIDTH = 34;
const HEIGHT = 14;

const ORDER = [
  ...["WRITE", "RESERVED", "PENDING", "EXCLUSIVE", "READn", "SHARED", "CKPT", "RECOVER"],
  ...["FOREIGN", "waits"],
];

interface Entry {
  readonly name: string;
  readonly style: LockStyle;
  readonly isHollow: boolean;
  readonly openEnds?: OpenEnds;
}

export function legend(model: Model): HTMLElement {
  const entries = new Map<string, Entry>();
  for (const lane of model.lanes)
    for (const { row, kind, lock } of lane.rows) {
      const [name, type] = model.data.kinds[lock] ?? ["", "read"];
      if (name === "") continue;
      const isOpen = row === "open" && name !== "FOREIGN";
      const shown = isOpen ? "SHARED, DMS" : familyName(name, type);
      if (!entries.has(shown))
        entries.set(shown, { name: shown, style: lockStyle(name, type, isOpen), isHollow: false });
      if (kind === "wait") entries.set("waits", { name: "waits", style: WAITS, isHollow: true });
    }
  const order = ({ name }: Entry) => ORDER.findIndex((each) => name.startsWith(each));
  const items = [...entries.values()]
    .sort((a, b) => order(a) - order(b))
    .map((entry) => {
      const text = entry.style.meaning === "" ? entry.name : `${entry.name}: ${entry.style.meaning}`;
      return make("li", {}, swatch(entry), text);
    });
  const isRefused = model.data.refusals.from.length > 0 || model.data.waits.outcome.includes(1);
  const isAtLeast = model.data.locks.from.some((_, id) => model.isAtLeast({ kind: "lock", id }));
  const isTransaction = model.data.transactions.from.length > 0;
  return make(
    "ul",
    { class: "legend", "aria-label": "Legend" },
    ...items,
    isAtLeast
      ? make("li", {}, swatch({ name: "", style: WRITE, isHollow: false, openEnds: "both" }), "at least so long")
      : null,
    model.data.counted.from.length > 0
      ? make("li", {}, make("span", { class: "counted", "aria-hidden": "true" }), "many shorter ones, counted")
      : null,
    isRefused ? make("li", {}, make("b", { class: "cross", "aria-hidden": "true" }, "\u2715"), "SQLITE_BUSY") : null,
    isTransaction ? make("li", {}, make("span", { class: "bracket", "aria-hidden": "true" }), "transaction") : null,
    model.data.blockers.process.length > 0
      ? make("li", {}, make("b", { class: "cross", "aria-hidden": "true" }, "\u2193"), arrowText(model))
      : null,
  );
}

function arrowText({ longestWaits }: Model): string {
  const text = "from who waits to who blocks";
  return longestWaits.length > LONGEST_LINES
    ? `${text}: of the ${LONGEST_LINES} longest waits, and of the lane under the mouse or selected`
    : text;
}

const WRITE: LockStyle = { colour: "--write", pattern: "plain", meaning: "" };
const WAITS: LockStyle = { colour: "--write", pattern: "diagonal", meaning: "in the colour of the lock" };

function swatch({ style, isHollow, openEnds }: Entry): HTMLElement {
  const canvas = make("canvas", { width: String(WIDTH * 2), height: String(HEIGHT * 2), "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  if (context === null) return canvas;
  context.scale(2, 2);
  const bars = new Bars([0], [0], [1]);
  const place = { left: 0, width: WIDTH, top: 0, height: HEIGHT, fromUs: 0, toUs: 1, crosses: [] };
  const painter = new BarPainter(context, new Palette(document.documentElement, context, 2));
  painter.add(
    bars,
    { ...style, isHollow, textOf: null, openOf: openEnds === undefined ? null : () => openEnds },
    place,
  );
  painter.paint();
  return canvas;
}
