/** Draws the timeline on a canvas: axis, zones, lanes, and lines from who waits to who blocks. */
import { WAIT_OUTCOMES } from "../render/page/data.ts";
import { clockChanges, timeTicks } from "../render/page/time-ticks.ts";
import { barText } from "./event-text.ts";
import { lockStyle } from "./lock-styles.ts";
import type { EventKind, EventRef, Model, RowBars } from "./model.ts";
import { type BarLook, BarPainter } from "./paint-bars.ts";
import type { Palette } from "./palette.ts";
import type { Track } from "./tracks.ts";
import type { View } from "./view.ts";

export const AXIS_HEIGHT = 36;
const FONT = "11px system-ui, sans-serif";
const BOLD = "600 12px system-ui, sans-serif";
/** Of a label. */
const LINE = 14;
/** Shorter waits have no line of their own, unless they are selected. */
const LINE_FROM = 8;
const MOST_LINES = 120;
const GAVE_UP = WAIT_OUTCOMES.indexOf("gave-up");

export interface Scene {
  readonly model: Model;
  readonly view: View;
  readonly tracks: readonly Track[];
  /** Of the page, not of the device. */
  readonly width: number;
  readonly height: number;
  /** Where the bars begin. */
  readonly left: number;
  /** How far the lanes are scrolled. */
  readonly scrollTop: number;
  readonly selected: EventRef | null;
  /** Index of `tracks`; null: none. */
  readonly focused: number | null;
}

export class Painter {
  readonly #context: CanvasRenderingContext2D;
  readonly #palette: Palette;
  readonly #barPainter: BarPainter;

  constructor(context: CanvasRenderingContext2D, palette: Palette) {
    this.#context = context;
    this.#palette = palette;
    this.#barPainter = new BarPainter(context, palette);
  }

  paint(scene: Scene): void {
    const context = this.#context;
    const { width, height, left } = scene;
    context.font = FONT;
    context.fillStyle = this.#palette.colour("--panel");
    context.fillRect(0, 0, width, height);
    context.save();
    context.beginPath();
    context.rect(0, AXIS_HEIGHT, width, height - AXIS_HEIGHT);
    context.clip();
    this.#stripes(scene);
    context.save();
    context.beginPath();
    context.rect(left, AXIS_HEIGHT, width - left, height - AXIS_HEIGHT);
    context.clip();
    this.#grid(scene);
    this.#zones(scene);
    const tracks = visibleTracks(scene);
    for (const track of tracks) this.#track(scene, track);
    this.#barPainter.paint();
    for (const track of tracks) this.#marks(scene, track);
    this.#lines(scene);
    this.#selection(scene);
    context.restore();
    this.#labels(scene);
    context.restore();
    this.#axis(scene);
  }

  #stripes({ tracks, scrollTop, width, focused, height }: Scene): void {
    const context = this.#context;
    for (const [i, track] of tracks.entries()) {
      const top = AXIS_HEIGHT + track.top - scrollTop;
      if (top > height || top + track.height < AXIS_HEIGHT) continue;
      if (i === focused) {
        context.fillStyle = this.#palette.colour("--stripe");
        context.fillRect(0, top, width, track.height);
      }
      context.fillStyle = this.#palette.colour("--line");
      context.fillRect(0, top + track.height - 1, width, 1);
    }
  }

  #x(scene: Scene, us: number): number {
    const { view, left, width } = scene;
    return left + ((us - view.fromUs) / view.lengthUs) * (width - left);
  }

  #ticks({ model, view, width, left }: Scene) {
    const ms = (us: number) => model.data.fromMs + us / 1_000;
    const most = Math.max(2, Math.floor((width - left) / 92));
    return {
      ticks: timeTicks(model.clock, ms(view.fromUs), ms(view.toUs), most),
      changes: clockChanges(model.clock, ms(view.fromUs), ms(view.toUs)),
      us: (atMs: number) => (atMs - model.data.fromMs) * 1_000,
    };
  }

  #grid(scene: Scene): void {
    const context = this.#context;
    const { ticks, us } = this.#ticks(scene);
    context.fillStyle = this.#palette.colour("--line");
    for (const { atMs } of ticks) context.fillRect(Math.round(this.#x(scene, us(atMs))), AXIS_HEIGHT, 1, scene.height);
  }

  #axis(scene: Scene): void {
    const context = this.#context;
    const { width, left } = scene;
    const { ticks, changes, us } = this.#ticks(scene);
    context.fillStyle = this.#palette.colour("--line");
    context.fillRect(0, AXIS_HEIGHT - 1, width, 1);
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    let free = 0;
    for (const { atMs, text, date } of ticks) {
      const x = Math.round(this.#x(scene, us(atMs)));
      context.fillStyle = this.#palette.colour("--muted");
      context.fillRect(x, AXIS_HEIGHT - 6, 1, 6);
      context.fillStyle = this.#palette.colour("--fg");
      if (x + context.measureText(text).width + 4 < width) context.fillText(text, x + 4, AXIS_HEIGHT - 8);
      if (date === null || x < free || x + 70 > width) continue;
      context.fillStyle = this.#palette.colour("--muted");
      context.fillText(date, x + 4, AXIS_HEIGHT - 22);
      free = x + 75;
    }
    for (const { atMs, text } of changes) {
      const x = Math.round(this.#x(scene, us(atMs)));
      context.fillStyle = this.#palette.colour("--bad");
      context.fillRect(x, AXIS_HEIGHT - 20, 1, scene.height);
      const length = context.measureText(text).width;
      if (x < free) continue;
      context.fillText(text, x + 4 + length > width ? x - 4 - length : x + 4, AXIS_HEIGHT - 22);
      free = x + length + 10;
    }
    context.fillStyle = this.#palette.colour("--muted");
    if (left > 60) context.fillText(scene.model.clock.zone, 8, AXIS_HEIGHT - 8);
  }

  #zones(scene: Scene): void {
    const context = this.#context;
    const { data } = scene.model;
    const colour = this.#palette.colour("--zone");
    for (const zone of data.zones) {
      const start = Math.max(scene.left - 2, this.#x(scene, (zone.fromMs - data.fromMs) * 1_000));
      const end = Math.min(scene.width + 2, this.#x(scene, (zone.toMs - data.fromMs) * 1_000));
      if (end < scene.left || start > scene.width) continue;
      const width = Math.max(3, end - start);
      context.globalAlpha = 0.35;
      context.fillStyle = colour;
      context.fillRect(start, AXIS_HEIGHT, width, scene.height);
      context.globalAlpha = 1;
      context.fillStyle = this.#palette.pattern("diagonal", colour) ?? colour;
      context.fillRect(start, AXIS_HEIGHT, width, scene.height);
      const length = context.measureText(zone.text).width;
      const isInside = width > length + 20;
      if (!isInside && scene.view.zoom < 1.2 && width < 3.5 && data.zones.length > 20) continue;
      const x = isInside ? start + (width - length) / 2 : Math.min(start + width + 4, scene.width - length - 6);
      context.fillStyle = this.#palette.colour("--panel");
      context.fillRect(x - 4, AXIS_HEIGHT + 4, length + 8, 16);
      context.fillStyle = this.#palette.colour("--fg");
      context.textBaseline = "middle";
      context.textAlign = "left";
      context.fillText(zone.text, x, AXIS_HEIGHT + 12);
    }
  }

  #track(scene: Scene, track: Track): void {
    for (const { bars, lane, y, height } of placedRows(scene, track)) {
      if (bars.kind === "transaction") this.#transactions(scene, bars, y);
      else if (bars.kind === "counted") this.#counted(scene, bars, y, height, lane);
      else if (bars.kind !== "refusal") this.#bars(scene, bars, y, height, lane, isFolded(track));
    }
  }

  /** What lies above all bars. */
  #marks(scene: Scene, track: Track): void {
    for (const { bars, y, height } of placedRows(scene, track)) {
      const half = bars.kind === "wait" && isFolded(track) ? height / 2 : 0;
      if (bars.kind === "transaction") this.#brackets(scene, bars, y, height);
      else if (bars.kind === "refusal") this.#refusals(scene, bars, y, height);
      else if (bars.kind === "wait") this.#gaveUp(scene, bars.bars, y + half, height - half);
    }
  }

  #place({ left, width, view }: Scene, top: number, height: number) {
    return { left, width: width - left, top, height, fromUs: view.fromUs, toUs: view.toUs };
  }

  #bars(scene: Scene, { kind, lock, bars }: RowBars, y: number, height: number, lane: number, isShared: boolean): void {
    const { model } = scene;
    const [name, type] = model.data.kinds[lock] ?? ["", "read"];
    const isWait = kind === "wait";
    const isOpen = name === "SHARED" && model.data.lanes[lane]?.isWal === true;
    const { colour, pattern } = lockStyle(name, type, isOpen);
    const look: BarLook = {
      ...{ colour, pattern: isWait ? "diagonal" : pattern, isHollow: isWait },
      textOf: (id) => barText(model, { kind: kind as EventKind, id }),
    };
    const half = isWait && isShared ? height / 2 : 0;
    this.#barPainter.add(bars, look, this.#place(scene, y + half, height - half));
  }

  /** A cross at the end of a wait that ended without the lock. */
  #gaveUp(scene: Scene, bars: RowBars["bars"], y: number, height: number): void {
    const { view, model } = scene;
    const places: number[] = [];
    bars.each(view.fromUs, view.toUs, (_, to, id) => {
      if (model.data.waits.outcome[id] === GAVE_UP) places.push(this.#x(scene, to));
    });
    this.#crosses(places, y + height / 2);
  }

  #refusals(scene: Scene, { bars }: RowBars, y: number, height: number): void {
    const places: number[] = [];
    bars.each(scene.view.fromUs, scene.view.toUs, (from) => places.push(this.#x(scene, from)));
    this.#crosses(places, y + height / 2);
  }

  /** Of those that are nearer to each other than a cross is wide, one. */
  #crosses(places: readonly number[], y: number): void {
    const context = this.#context;
    const arm = 3.5;
    context.beginPath();
    let last = Number.NEGATIVE_INFINITY;
    for (const x of places) {
      if (x < last + arm * 2) continue;
      last = x;
      context.moveTo(x - arm, y - arm);
      context.lineTo(x + arm, y + arm);
      context.moveTo(x - arm, y + arm);
      context.lineTo(x + arm, y - arm);
    }
    context.lineWidth = 4.5;
    context.strokeStyle = this.#palette.colour("--panel");
    context.stroke();
    context.lineWidth = 2.2;
    context.strokeStyle = this.#palette.colour("--bad");
    context.stroke();
  }

  #transactions(scene: Scene, { bars }: RowBars, y: number): void {
    const look: BarLook = { colour: "--muted", pattern: "plain", isHollow: false, textOf: null };
    this.#barPainter.add(bars, look, this.#place(scene, y + 1, 1.5));
  }

  /** The ends of those that are wide enough. */
  #brackets(scene: Scene, { bars }: RowBars, y: number, height: number): void {
    const context = this.#context;
    const scale = (scene.width - scene.left) / scene.view.lengthUs;
    context.fillStyle = this.#palette.colour("--muted");
    bars.each(scene.view.fromUs, scene.view.toUs, (from, to) => {
      if ((to - from) * scale < 4) return;
      context.fillRect(this.#x(scene, from), y + 1, 1.5, height - 1);
      context.fillRect(this.#x(scene, to) - 1.5, y + 1, 1.5, height - 1);
    });
  }

  /** The paler, the less of that time it was held. */
  #counted(scene: Scene, { lock, bars }: RowBars, y: number, height: number, lane: number): void {
    const context = this.#context;
    const { data } = scene.model;
    const [name, type] = data.kinds[lock] ?? ["", "read"];
    const isOpen = name === "SHARED" && data.lanes[lane]?.isWal === true;
    context.fillStyle = this.#palette.colour(lockStyle(name, type, isOpen).colour);
    bars.each(scene.view.fromUs, scene.view.toUs, (from, to, id) => {
      const share = (data.counted.total[id] as number) / Math.max(1, to - from);
      const start = Math.max(scene.left, this.#x(scene, from));
      const end = Math.min(scene.width, this.#x(scene, to));
      context.globalAlpha = Math.min(0.6, 0.1 + share * 0.5);
      context.fillRect(start, y + height * 0.3, Math.max(1, end - start), height * 0.4);
    });
    context.globalAlpha = 1;
  }

  #lines(scene: Scene): void {
    const { model, view, selected } = scene;
    const { waits } = model.data;
    const scale = (scene.width - scene.left) / view.lengthUs;
    let shown = 0;
    const context = this.#context;
    context.globalAlpha = 0.55;
    for (const id of model.longestWaits) {
      const length = (waits.length[id] as number) * scale;
      if (length < LINE_FROM || shown >= MOST_LINES) break;
      const from = waits.from[id] as number;
      if (from > view.toUs || from + (waits.length[id] as number) < view.fromUs) continue;
      shown++;
      if (selected?.kind !== "wait" || selected.id !== id) this.#lineOf(scene, { kind: "wait", id }, 1);
    }
    context.globalAlpha = 1;
    if (selected !== null) this.#lineOf(scene, selected, 2.5);
  }

  /** From the beginning of a wait to the lock in its way. */
  #lineOf(scene: Scene, ref: EventRef, width: number): void {
    const { model, view } = scene;
    const { data } = model;
    const start = this.#rowOf(scene, ref);
    if (start === null) return;
    const columns = ref.kind === "wait" ? data.waits : ref.kind === "refusal" ? data.refusals : null;
    if (columns === null) return;
    const at = columns.from[ref.id] as number;
    for (const blocker of model.blockersOf(ref).slice(0, width > 1 ? 8 : 1)) {
      const lock = model.lockOfBlocker(blocker);
      const end =
        lock === null ? this.#processRow(scene, data.blockers.process[blocker] as number) : this.#rowOf(scene, lock);
      if (end === null) continue;
      // One that took the lock later came into the way later.
      const us = Math.max(at, data.blockers.from[blocker] as number);
      if (us < view.fromUs || us > view.toUs) continue;
      this.#arrow(this.#x(scene, us), start, end, width);
    }
  }

  #arrow(x: number, from: number, to: number, width: number): void {
    if (from === to) return;
    const context = this.#context;
    const direction = to > from ? 1 : -1;
    context.strokeStyle = this.#palette.colour("--bad");
    context.fillStyle = this.#palette.colour("--bad");
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x, from);
    context.lineTo(x, to - direction * 6);
    context.stroke();
    context.beginPath();
    context.moveTo(x, to);
    context.lineTo(x - 3.5, to - direction * 7);
    context.lineTo(x + 3.5, to - direction * 7);
    context.fill();
    context.beginPath();
    context.arc(x, from, 2 + width / 2, 0, Math.PI * 2);
    context.fill();
  }

  /** The middle of the row that has it; null: no lane does. */
  #rowOf(scene: Scene, ref: EventRef): number | null {
    const lane = scene.model.laneOf(ref);
    const place = placeOf(scene.tracks, scene.model, ref, lane);
    return place === null ? null : AXIS_HEIGHT + place.top + place.height / 2 - scene.scrollTop;
  }

  #processRow({ tracks, scrollTop }: Scene, process: number): number | null {
    const track = tracks.find((each) => each.process === process);
    return track === undefined ? null : AXIS_HEIGHT + track.top + track.height / 2 - scrollTop;
  }

  #selection(scene: Scene): void {
    const { selected, model } = scene;
    if (selected === null) return;
    const place = placeOf(scene.tracks, model, selected, model.laneOf(selected));
    if (place === null) return;
    const from = model.fromUs(selected);
    const start = Math.max(scene.left - 4, this.#x(scene, from) - 2);
    const end = Math.min(scene.width + 4, this.#x(scene, from + model.lengthOf(selected)) + 2);
    const context = this.#context;
    context.lineWidth = 2;
    context.strokeStyle = this.#palette.colour("--accent");
    context.strokeRect(
      start,
      AXIS_HEIGHT + place.top - scene.scrollTop - 2,
      Math.max(5, end - start),
      place.height + 4,
    );
  }

  #labels(scene: Scene): void {
    const context = this.#context;
    const { left } = scene;
    context.textAlign = "left";
    if (left > 0) {
      context.fillStyle = this.#palette.colour("--line");
      context.fillRect(left - 1, AXIS_HEIGHT, 1, scene.height);
    }
    for (const track of visibleTracks(scene)) {
      const isAbove = left === 0;
      const top = AXIS_HEIGHT + track.top - scene.scrollTop;
      const indent = 8 + (track.depth === 1 ? 16 : 0) + (track.isUnfolded === null ? 0 : 14);
      const room = (isAbove ? scene.width : left) - indent - 8;
      const colour = this.#palette.colour(track.depth === 0 ? "--fg" : "--muted");
      const font = track.depth === 0 ? BOLD : FONT;
      context.textBaseline = "middle";
      if (isAbove) {
        context.font = font;
        const text = shortened(context, track.label, room * 0.75);
        const length = context.measureText(text).width;
        context.fillStyle = this.#palette.colour("--panel");
        context.globalAlpha = 0.85;
        context.fillRect(0, top + 1, indent + length + 6, 16);
        context.globalAlpha = 1;
        context.fillStyle = colour;
        context.fillText(text, indent, top + 9);
        context.font = FONT;
        context.fillStyle = this.#palette.colour("--muted");
        context.fillText(shortened(context, track.note, room - length - 8), indent + length + 8, top + 9);
        if (track.isUnfolded !== null) context.fillText(track.isUnfolded ? "\u25be" : "\u25b8", 8, top + 9);
        continue;
      }
      context.font = font;
      const lines = wrapped(
        context,
        track.label,
        room,
        Math.max(1, Math.floor((track.height - 4) / LINE) - (track.note === "" ? 0 : 1)),
      );
      const notes = track.note !== "" && track.height >= LINE * (lines.length + 1) ? 1 : 0;
      let y = top + track.height / 2 - ((lines.length + notes - 1) * LINE) / 2;
      context.fillStyle = this.#palette.colour("--muted");
      if (track.isUnfolded !== null) context.fillText(track.isUnfolded ? "\u25be" : "\u25b8", 8, y);
      context.fillStyle = colour;
      for (const text of lines) {
        context.fillText(text, indent, y);
        y += LINE;
      }
      if (notes === 0) continue;
      context.font = FONT;
      context.fillStyle = this.#palette.colour("--muted");
      context.fillText(shortened(context, track.note, room), indent, y);
    }
    context.font = FONT;
  }
}

/** The rows of a track with their bars, from the upper edge of the canvas. */
function placedRows({ scrollTop }: Scene, track: Track) {
  return track.rows.flatMap(({ row, top, height }) =>
    track.lanes.flatMap(({ rows, index }) =>
      rows
        .filter((bars) => bars.row === row)
        .map((bars) => ({ bars, lane: index, y: AXIS_HEIGHT + track.top + top - scrollTop, height })),
    ),
  );
}

/** Several connections share the lane: one of them may hold what another one waits for. */
function isFolded({ lanes }: Track): boolean {
  return lanes.filter(({ connection }) => connection !== null).length > 1;
}

/** Where an event is, from the upper edge of the first track; null: in none of them. */
export function placeOf(
  tracks: readonly Track[],
  model: Model,
  ref: EventRef,
  lane: number,
): { readonly track: number; readonly top: number; readonly height: number } | null {
  const index = tracks.findIndex((each) => each.lanes.some((one) => one.index === lane));
  const track = tracks[index];
  if (track === undefined) return null;
  const name = rowNameOf(model, ref, lane);
  const row = track.rows.find((each) => each.row === name);
  if (row === undefined) return null;
  return { track: index, top: track.top + row.top, height: row.height };
}

function rowNameOf(model: Model, ref: EventRef, lane: number): string {
  if (ref.kind === "transaction") return "transaction";
  if (ref.kind === "refusal") return "write";
  const { locks, waits, counted } = model.data;
  const kind = { lock: locks, wait: waits, counted }[ref.kind].kind[ref.id];
  return model.lanes[lane]?.rows.find((each) => each.kind === ref.kind && each.lock === kind)?.row ?? "open";
}

function visibleTracks({ tracks, scrollTop, height }: Scene): Track[] {
  return tracks.filter(({ top, height: own }) => top + own >= scrollTop && top <= scrollTop + height - AXIS_HEIGHT);
}

/** At spaces, in at most so many lines; the last one is shortened. */
function wrapped(context: CanvasRenderingContext2D, text: string, room: number, most: number): string[] {
  const lines: string[] = [];
  let line = "";
  const words = text.split(" ");
  for (const [i, word] of words.entries()) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || context.measureText(longer).width <= room) line = longer;
    else if (lines.length + 1 === most) {
      line = `${line} ${words.slice(i).join(" ")}`;
      break;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].map((each) => shortened(context, each, room));
}

function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (context.measureText(`${text.slice(0, middle)}\u2026`).width <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? "" : `${text.slice(0, low)}\u2026`;
}
