/** The timeline: what it shows, and what keys, mouse and buttons do to it. */
import { lengthText } from "../render/page/length-text.ts";
import { count, grouped } from "../text/list.ts";
import { detailsOf } from "./details.ts";
import { button, make } from "./dom.ts";
import { headText, processOf, processText, sqlOf } from "./event-text.ts";
import { listen } from "./gestures.ts";
import { helpDialog } from "./help.ts";
import { eventAt, eventsOf } from "./hit.ts";
import { legend } from "./legend.ts";
import type { EventRef, Model } from "./model.ts";
import { AXIS_HEIGHT, Painter, placeOf, type Scene } from "./painter.ts";
import { Palette } from "./palette.ts";
import { Tooltip } from "./tooltip.ts";
import { firstUnfolded, type Track, tracksOf } from "./tracks.ts";
import { View } from "./view.ts";

/** The labels beside the lanes have so much of the width. */
const LABELS = { share: 0.19, least: 170, most: 280 };
/** On narrower ones, labels stand above their lanes. */
const NARROW = 640;
const LABEL_HEIGHT = 17;
const MIN_HEIGHT = 160;

/** What of the recording is shown, and where. */
export interface Shown {
  readonly fromMs: number;
  readonly toMs: number;
  /** Of all; and of the labels. */
  readonly width: number;
  readonly left: number;
}

export class Timeline {
  readonly element: HTMLElement;
  readonly view: View;
  readonly #model: Model;
  readonly #canvas = make("canvas");
  readonly #scroller = make("div", { class: "scroller" });
  readonly #spacer = make("div", { class: "spacer" });
  readonly #details = make("aside", { class: "panel", tabindex: "-1", "aria-label": "Details", hidden: "" });
  readonly #live = make("p", { class: "unseen", role: "status", "aria-live": "polite" });
  readonly #tooltip = new Tooltip();
  readonly #help = helpDialog();
  readonly #legend = make("div", { class: "legendPlace" });
  readonly #hint = make(
    "p",
    { class: "hint", hidden: "" },
    "Click the timeline first, or hold Ctrl, to zoom with the wheel.",
  );
  readonly #whole = make("span", { class: "shown" });
  readonly #context: CanvasRenderingContext2D;
  readonly #onView: (shown: Shown) => void;
  #painter: Painter;
  readonly #unfolded: Set<number>;
  #tracks: readonly Track[] = [];
  #eventsOfTrack = new Map<Track, readonly EventRef[]>();
  #selected: EventRef | null = null;
  #focused: number | null = null;
  /** Of the longest waits; -1: none yet. */
  #waitAt = -1;
  #width = 200;
  #height = 0;
  #isDrawing = false;
  #isPrinting = false;
  #themeBefore: string | undefined;

  /** `onView`: is called when that has changed. */
  constructor(model: Model, onView: (shown: Shown) => void) {
    const context = this.#canvas.getContext("2d", { alpha: false });
    if (context === null) throw new Error("the browser has no canvas");
    this.#model = model;
    this.#context = context;
    this.#onView = onView;
    this.#unfolded = firstUnfolded(model);
    this.view = new View(model.lengthUs, () => this.#draw());
    this.#painter = new Painter(context, new Palette(document.documentElement, context, scaleOfDevice()));
    const { locks, waits } = model.data;
    this.element = make("div", { class: "timeline" });
    const summary = `Timeline: ${count(locks.from.length, "lock")} and ${count(waits.from.length, "wait")} of ${count(
      new Set(model.lanes.map(({ process }) => process)).size,
      "process",
      "processes",
    )}. Arrow keys go from bar to bar, Enter opens its details, a question mark shows all keys.`;
    this.#scroller.tabIndex = 0;
    this.#scroller.setAttribute("role", "application");
    this.#scroller.setAttribute("aria-label", summary);
    this.#scroller.append(this.#spacer);
    this.#spacer.append(this.#canvas);
    const main = make("div", { class: "drawing" }, this.#scroller, this.#hint, this.#tooltip.element);
    this.element.append(
      this.#toolbar(),
      this.#legend,
      make("div", { class: "beside" }, main, this.#details),
      this.#live,
      this.#help,
    );
    this.#listen(main);
  }

  /** After it is in the page: once, and whenever its width or the theme may have changed. */
  layout(): void {
    this.#width = Math.max(200, this.#scroller.clientWidth);
    const width = this.#width;
    const isNarrow = width < NARROW;
    this.#tracks = tracksOf(this.#model, this.#unfolded, isNarrow ? LABEL_HEIGHT : 0);
    this.#eventsOfTrack = new Map();
    const total = AXIS_HEIGHT + this.#tracks.reduce((sum, { height }) => sum + height, 0);
    const most = this.#isPrinting
      ? Number.POSITIVE_INFINITY
      : Math.max(MIN_HEIGHT, Math.round(window.innerHeight * 0.66));
    const height = Math.min(total, most);
    // On paper, its width decides.
    this.#scroller.style.height = this.#isPrinting ? "" : `${height}px`;
    this.#spacer.style.height = this.#isPrinting ? "" : `${total}px`;
    const scale = scaleOfDevice();
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    this.#canvas.style.height = this.#isPrinting ? "" : `${height}px`;
    this.#height = height;
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
    this.#painter = new Painter(this.#context, new Palette(document.documentElement, this.#context, scale));
    this.#legend.replaceChildren(legend(this.#model));
    this.paint();
  }

  /** All lanes at once, as far as a page of paper has room. */
  print(isPrinting: boolean): void {
    const { dataset } = document.documentElement;
    if (isPrinting) {
      this.#themeBefore = dataset["theme"];
      dataset["theme"] = "light"; // the style of paper applies later
    } else if (this.#themeBefore === undefined) delete dataset["theme"];
    else dataset["theme"] = this.#themeBefore;
    this.#isPrinting = isPrinting;
    this.layout();
  }

  /** At once: draws all. */
  paint(): void {
    const start = performance.now();
    this.#painter.paint(this.#scene());
    const { fromUs, toUs, zoom } = this.view;
    this.#whole.textContent =
      zoom < 1.01 ? "all" : `${lengthText((toUs - fromUs) / 1_000)} of ${lengthText(this.#model.lengthUs / 1_000)}`;
    performance.measure("sqlock-paint", { start });
    const { fromMs } = this.#model.data;
    const width = this.#width;
    const shown = { fromMs: fromMs + fromUs / 1_000, toMs: fromMs + toUs / 1_000, width, left: leftOf(width) };
    this.#onView(shown);
  }

  /** Shows an event, its details, and says what it is. */
  open(ref: EventRef): void {
    this.#select(ref);
    this.#showDetails(ref, true);
  }

  #scene(): Scene {
    const width = this.#width;
    return {
      ...{
        model: this.#model,
        view: this.view,
        tracks: this.#tracks,
        width,
        height: this.#height,
      },
      ...{ left: leftOf(width), scrollTop: this.#scroller.scrollTop },
      ...{ selected: this.#selected, focused: this.#focused },
    };
  }

  /** Once in a frame, however often something changes. */
  #draw(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.paint();
    });
  }

  #toolbar(): HTMLElement {
    const longest = this.#model.longestWaits.length;
    const hasFolds = new Set(this.#model.lanes.map(({ process }) => process)).size < this.#model.lanes.length;
    return make(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": "Timeline" },
      button("\u2212", "Zoom out (-)", () => this.view.zoomBy(0.5)),
      button("+", "Zoom in (+)", () => this.view.zoomBy(2)),
      button("Fit", "Show all (0)", () => this.view.fit()),
      this.#whole,
      ...(longest === 0
        ? []
        : [
            button("Longest wait", "Show the longest wait", () => this.#longest(Number.NEGATIVE_INFINITY)),
            button("\u2039", "The next longer wait (p)", () => this.#longest(-1)),
            button("\u203a", "The next shorter wait (n)", () => this.#longest(1)),
          ]),
      ...(hasFolds
        ? [button("Connections", "Show a lane for each connection, or one for each process (c)", () => this.#foldAll())]
        : []),
      button("?", "Keys", () => this.#help.showModal()),
    );
  }

  #listen(main: HTMLElement): void {
    const us = (x: number) => this.#usAt(x);
    listen(this.#scroller, this.#canvas, {
      pan: (dx, dy) => {
        this.view.panBy(-dx * this.#usPerPixel());
        this.#scroller.scrollTop -= dy;
      },
      zoom: (factor, x) => this.view.zoomBy(factor, us(x)),
      hover: (x, y) => this.#hover(x, y, main),
      leave: () => this.#tooltip.hide(),
      press: (x, y) => this.#press(x, y),
      plainWheel: () => this.#showHint(),
    });
    this.#scroller.addEventListener("scroll", () => this.#draw());
    this.#scroller.addEventListener("keydown", (event) => {
      if (event.altKey || event.metaKey || event.ctrlKey || !this.#key(event.key, event.shiftKey)) return;
      event.preventDefault();
    });
    this.#scroller.addEventListener("focus", () => {
      this.#hint.hidden = true;
    });
    this.#details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.#closeDetails();
      this.#scroller.focus();
    });
  }

  #usPerPixel(): number {
    const { width, left } = this.#scene();
    return this.view.lengthUs / (width - left);
  }

  #usAt(x: number): number {
    return this.view.fromUs + (x - this.#scene().left) * this.#usPerPixel();
  }

  #at(x: number, y: number): EventRef | null {
    if (x < this.#scene().left || y < AXIS_HEIGHT) return null;
    return eventAt(
      this.#model,
      this.#tracks,
      this.#usAt(x),
      y - AXIS_HEIGHT + this.#scroller.scrollTop,
      this.#usPerPixel(),
    );
  }

  #hover(x: number, y: number, main: HTMLElement): void {
    const ref = this.#at(x, y);
    this.#canvas.classList.toggle("over", ref !== null || this.#foldAt(x, y) !== null);
    if (ref === null) {
      this.#tooltip.hide();
      return;
    }
    const { data, clock } = this.#model;
    const at = clock.timeText(data.fromMs + this.#model.fromUs(ref) / 1_000);
    this.#tooltip.show(x, y, main.clientWidth, [
      headText(this.#model, ref),
      `${processText(this.#model, processOf(this.#model, ref))}, at ${at}`,
      sqlOf(this.#model, ref),
    ]);
  }

  #press(x: number, y: number): void {
    this.#scroller.focus({ preventScroll: true });
    const fold = this.#foldAt(x, y);
    const ref = fold === null ? this.#at(x, y) : null;
    if (fold !== null) this.#fold(fold);
    else if (ref !== null) {
      this.#select(ref, false);
      this.#showDetails(ref, false);
    } else {
      this.#selected = null;
      this.#draw();
    }
  }

  /** The process whose label is there, and that can be unfolded. */
  #foldAt(x: number, y: number): number | null {
    const { left, scrollTop } = this.#scene();
    const at = y - AXIS_HEIGHT + scrollTop;
    const track = this.#tracks.find(({ top, height }) => at >= top && at < top + height);
    if (track === undefined || track.isUnfolded === null || y < AXIS_HEIGHT) return null;
    return (left > 0 ? x < left : at < track.top + LABEL_HEIGHT) ? track.process : null;
  }

  #fold(process: number): void {
    if (!this.#unfolded.delete(process)) this.#unfolded.add(process);
    this.layout();
  }

  #foldAll(): void {
    const all = this.#tracks.filter(({ isUnfolded }) => isUnfolded !== null);
    const isUnfolding = all.some(({ isUnfolded }) => isUnfolded === false);
    for (const { process } of all)
      if (isUnfolding) this.#unfolded.add(process);
      else this.#unfolded.delete(process);
    this.layout();
  }

  #longest(step: number): void {
    const { longestWaits } = this.#model;
    this.#waitAt = Math.min(Math.max(0, this.#waitAt + step), longestWaits.length - 1);
    const id = longestWaits[this.#waitAt];
    if (id !== undefined) this.open({ kind: "wait", id });
  }

  /** `isMoving`: it is brought into view. */
  #select(ref: EventRef, isMoving = true): void {
    const { data } = this.#model;
    this.#selected = ref;
    const lane = this.#model.laneOf(ref);
    const place = placeOf(this.#tracks, this.#model, ref, lane);
    this.#focused = place?.track ?? null;
    if (isMoving) {
      const from = this.#model.fromUs(ref);
      this.view.reveal(from, from + this.#model.lengthOf(ref));
      if (place !== null) this.#scrollTo(place.top - 30, place.top + place.height + 30);
    }
    if (ref.kind === "wait") this.#waitAt = this.#model.longestWaits.indexOf(ref.id);
    const at = this.#model.clock.timeText(data.fromMs + this.#model.fromUs(ref) / 1_000);
    this.#say(`${processText(this.#model, processOf(this.#model, ref))}: ${headText(this.#model, ref)}, at ${at}`);
    this.#draw();
  }

  #scrollTo(top: number, bottom: number): void {
    const { scrollTop, clientHeight } = this.#scroller;
    const visible = clientHeight - AXIS_HEIGHT;
    if (top < scrollTop) this.#scroller.scrollTop = top;
    else if (bottom > scrollTop + visible) this.#scroller.scrollTop = bottom - visible;
  }

  #showDetails(ref: EventRef, isFocused: boolean): void {
    const close = button("\u2715", "Close (Escape)", () => this.#closeDetails());
    close.classList.add("close");
    this.#details.replaceChildren(close, detailsOf(this.#model, ref, { open: (other) => this.open(other) }));
    const wasHidden = this.#details.hidden;
    this.#details.hidden = false;
    this.#details.scrollTop = 0;
    if (wasHidden) this.layout();
    if (isFocused) this.#details.focus({ preventScroll: this.#details.offsetTop < this.#scroller.offsetTop + 50 });
  }

  #closeDetails(): void {
    this.#details.hidden = true;
    this.layout();
  }

  #showHint(): void {
    this.#hint.hidden = false;
    setTimeout(() => {
      this.#hint.hidden = true;
    }, 2_500);
  }

  #say(text: string): void {
    this.#live.textContent = text;
  }

  /** @returns whether the key means something here */
  #key(key: string, isShifted: boolean): boolean {
    const action = isShifted ? (this.#shiftedKeys()[key] ?? this.#keys()[key]) : this.#keys()[key];
    action?.();
    return action !== undefined;
  }

  #shiftedKeys(): Readonly<Record<string, () => void>> {
    const part = this.view.lengthUs / 5;
    return { ArrowLeft: () => this.view.panBy(-part), ArrowRight: () => this.view.panBy(part) };
  }

  #keys(): Readonly<Record<string, () => void>> {
    return {
      "+": () => this.view.zoomBy(2),
      "=": () => this.view.zoomBy(2),
      "-": () => this.view.zoomBy(0.5),
      "0": () => this.view.fit(),
      Home: () => this.view.fit(),
      ArrowRight: () => this.#step(1),
      ArrowLeft: () => this.#step(-1),
      ArrowDown: () => this.#stepTrack(1),
      ArrowUp: () => this.#stepTrack(-1),
      n: () => this.#longest(1),
      p: () => this.#longest(-1),
      c: () => this.#foldAll(),
      "?": () => this.#help.showModal(),
      Enter: () => this.#enter(),
      " ": () => this.#enter(),
      Escape: () => {
        this.#selected = null;
        if (this.#details.hidden) this.#draw();
        else this.#closeDetails();
      },
    };
  }

  #enter(): void {
    const track = this.#tracks[this.#focused ?? -1];
    if (this.#selected !== null) this.#showDetails(this.#selected, true);
    else if (track !== undefined && track.isUnfolded !== null) this.#fold(track.process);
  }

  #step(by: number): void {
    this.#focused ??= this.#tracks.findIndex(({ lanes }) => lanes.length > 0);
    const track = this.#tracks[this.#focused];
    if (track === undefined) return;
    const events = this.#events(track);
    if (events.length === 0) {
      this.#stepTrack(1);
      return;
    }
    const selected = this.#selected;
    const now =
      selected === null ? -1 : events.findIndex(({ kind, id }) => kind === selected.kind && id === selected.id);
    const next = now === -1 ? this.#firstInView(events, by) : now + by;
    const ref = events[Math.min(Math.max(0, next), events.length - 1)];
    if (ref !== undefined) this.#select(ref);
  }

  #firstInView(events: readonly EventRef[], by: number): number {
    const { fromUs, toUs } = this.view;
    const isInside = (ref: EventRef) => this.#model.fromUs(ref) >= fromUs && this.#model.fromUs(ref) <= toUs;
    return Math.max(0, by > 0 ? events.findIndex(isInside) : events.findLastIndex(isInside));
  }

  #events(track: Track): readonly EventRef[] {
    const known = this.#eventsOfTrack.get(track);
    if (known !== undefined) return known;
    const events = eventsOf(track, this.#model);
    this.#eventsOfTrack.set(track, events);
    return events;
  }

  #stepTrack(by: number): void {
    const last = this.#tracks.length - 1;
    this.#focused = this.#focused === null ? 0 : Math.min(Math.max(0, this.#focused + by), last);
    const track = this.#tracks[this.#focused];
    if (track === undefined) return;
    this.#selected = null;
    this.#scrollTo(track.top, track.top + track.height);
    const many = track.lanes.length === 0 ? "unfolded" : `${grouped(this.#events(track).length)} events`;
    this.#say(`${track.label}${track.note === "" ? "" : `, ${track.note}`}: ${many}`);
    this.#draw();
  }
}

function leftOf(width: number): number {
  return width < NARROW ? 0 : Math.round(Math.min(LABELS.most, Math.max(LABELS.least, width * LABELS.share)));
}

function scaleOfDevice(): number {
  return Math.min(3, window.devicePixelRatio || 1);
}
