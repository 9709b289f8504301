/** The bars of a lane: locks, waits, transactions, and what is only counted. */
import { barText } from "../event-text.ts";
import { lockStyle } from "../lock-styles.ts";
import type { Model, RowBars } from "../model.ts";
import type { BarLook, BarPainter } from "./bar-painter.ts";
import type { PlacedRow } from "./rows.ts";
import { type Pen, type Scene, xOf } from "./scene.ts";

const TRANSACTION: BarLook = { colour: "--muted", pattern: "plain", isHollow: false, textOf: null, openOf: null };

/** What `painter` takes, it draws later: all rows at once. `crosses`: no text stands on them. */
export function paintRow(
  pen: Pen,
  painter: BarPainter,
  scene: Scene,
  row: PlacedRow,
  crosses: readonly number[],
): void {
  const { left, width, view } = scene;
  const { bars, y, height } = row;
  const place = { left, width: width - left, fromUs: view.fromUs, toUs: view.toUs };
  if (bars.kind === "transaction")
    painter.add(bars.bars, TRANSACTION, { ...place, top: y + 1, height: 1.5, crosses: [] });
  else if (bars.kind === "counted") paintCounted(pen, scene, row);
  else if (bars.kind !== "refusal")
    painter.add(bars.bars, lookOf(scene.model, bars, row.lane), { ...place, top: y, height, crosses });
}

function lookOf(model: Model, { kind, lock }: RowBars, lane: number): BarLook {
  const { colour, pattern } = styleOf(model, lock, lane);
  const isWait = kind === "wait";
  return {
    ...{ colour, pattern: isWait ? "diagonal" : pattern, isHollow: isWait },
    textOf: (id) => barText(model, { kind, id }),
    openOf: (id) => model.openEnds({ kind, id }),
  };
}

/** The paler, the less of that time it was held. */
function paintCounted({ context, palette }: Pen, scene: Scene, { bars: { lock, bars }, lane, y, height }: PlacedRow) {
  const { counted } = scene.model.data;
  context.fillStyle = palette.colour(styleOf(scene.model, lock, lane).colour);
  bars.each(scene.view.fromUs, scene.view.toUs, (from, to, id) => {
    const share = (counted.total[id] as number) / Math.max(1, to - from);
    const start = Math.max(scene.left, xOf(scene, from));
    const end = Math.min(scene.width, xOf(scene, to));
    context.globalAlpha = Math.min(0.6, 0.1 + share * 0.5);
    context.fillRect(start, y + height * 0.3, Math.max(1, end - start), height * 0.4);
  });
  context.globalAlpha = 1;
}

function styleOf({ data }: Model, lock: number, lane: number) {
  const [name, type] = data.kinds[lock] ?? ["", "read"];
  return lockStyle(name, type, name === "SHARED" && data.lanes[lane]?.isWal === true);
}
