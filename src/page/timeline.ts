/** The timeline: what it shows, and what its parts tell each other. */
import { lengthText } from "../render/page/length-text.ts";
import { count } from "../text/list.ts";
import { actOf, type TimelineActions } from "./actions.ts";
import { DetailsPanel } from "./details-panel.ts";
import { make } from "./dom.ts";
import { headText, processOf, processText, sqlOf } from "./event-text.ts";
import { listen } from "./gestures.ts";
import { helpDialog } from "./help.ts";
import { eventAt } from "./hit.ts";
import { legend } from "./legend.ts";
import type { EventRef, Model } from "./model.ts";
import { Painter } from "./paint/painter.ts";
import { Palette } from "./paint/palette.ts";
import { AXIS_HEIGHT, type Scene } from "./paint/scene.ts";
import { zoneAt } from "./paint/zones.ts";
import { placeOf } from "./place.ts";
import { Selection } from "./selection.ts";
import { Surface, scaleOfDevice } from "./surface.ts";
import { toolbar } from "./toolbar.ts";
import { Tooltip } from "./tooltip.ts";
import { firstUnfolded, type Track, tracksOf } from "./tracks.ts";
import { View } from "./view.ts";

/** The labels beside the lanes have so much of the width. */
const LABELS = { share: 0.19, least: 170, most: 280 };
/** On narrower ones, labels stand above their lanes. */
const NARROW = 640;
const LABEL_HEIGHT = 17;
/** Pixels beside a time without a recording that still count as in it: some have no length. */
const ZONE_NEAR = 4;
const HINT_MS = 2_500;

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
  readonly #surface: Surface;
  readonly #selection: Selection;
  readonly #panel: DetailsPanel;
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
  readonly #onView: (shown: Shown) => void;
  #painter: Painter;
  readonly #unfolded: Set<number>;
  #tracks: readonly Track[] = [];
  /** Under the mouse. */
  #hovered: number | null = null;
  #isDrawing = false;
  #isPrinting = false;

  /** `onView`: is called when that has changed. */
  constructor(model: Model, onView: (shown: Shown) => void) {
    this.#model = model;
    this.#onView = onView;
    this.#surface = new Surface(summaryOf(model));
    if (model.lanes.length === 0) this.#surface.scroller.append(make("p", { class: "nothing" }, "No lock was seen."));
    this.#selection = new Selection(model);
    this.#unfolded = firstUnfolded(model);
    this.view = new View(model.lengthUs, () => this.#draw());
    this.#painter = this.#newPainter();
    const actions = this.#actions();
    this.#panel = new DetailsPanel(model, {
      open: (ref) => this.open(ref),
      resized: () => this.layout(),
      toLongest: actions.toLongest,
      escape: () => {
        this.#panel.close();
        this.#surface.scroller.focus();
      },
    });
    const drawing = make("div", { class: "drawing" }, this.#surface.scroller, this.#hint, this.#tooltip.element);
    this.element = make(
      "div",
      { class: "timeline" },
      toolbar(model, actions, this.#whole),
      this.#legend,
      make("div", { class: "beside" }, drawing, this.#panel.element),
      this.#live,
      this.#help,
    );
    this.#listen(actions);
  }

  /** After it is in the page: once, and whenever its width or the theme may have changed. */
  layout(): void {
    this.#surface.measure();
    this.#tracks = tracksOf(this.#model, this.#unfolded, this.#surface.width < NARROW ? LABEL_HEIGHT : 0);
    this.#selection.setTracks(this.#tracks);
    this.#surface.resize(
      this.#tracks.reduce((sum, { height }) => sum + height, 0),
      this.#isPrinting,
    );
    this.#painter = this.#newPainter();
    this.#legend.replaceChildren(legend(this.#model));
    this.paint();
  }

  /** All lanes at once, as far as a page of paper has room. */
  print(isPrinting: boolean): void {
    this.#isPrinting = isPrinting;
    this.layout();
  }

  /** At once: draws all. */
  paint(): void {
    const start = performance.now();
    const scene = this.#scene();
    this.#painter.paint(scene);
    const { fromUs, toUs, zoom } = this.view;
    this.#whole.textContent =
      zoom < 1.01 ? "all" : `${lengthText((toUs - fromUs) / 1_000)} of ${lengthText(this.#model.lengthUs / 1_000)}`;
    performance.measure("sqlock-paint", { start });
    const { fromMs } = this.#model.data;
    const { width, left } = scene;
    this.#onView({ fromMs: fromMs + fromUs / 1_000, toMs: fromMs + toUs / 1_000, width, left });
  }

  /** Shows an event, its details, and says what it is. */
  open(ref: EventRef): void {
    this.#select(ref);
    this.#showDetails(ref);
  }

  #newPainter(): Painter {
    const { context } = this.#surface;
    return new Painter(context, new Palette(document.documentElement, context, scaleOfDevice()));
  }

  #scene(): Scene {
    const { width, height, scroller } = this.#surface;
    return {
      model: this.#model,
      view: this.view,
      tracks: this.#tracks,
      width,
      height,
      left: leftOf(width),
      scrollTop: scroller.scrollTop,
      selected: this.#selection.event,
      focused: this.#selection.track,
      hovered: this.#hovered,
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

  #actions(): TimelineActions {
    return {
      zoom: (factor) => this.view.zoomBy(factor),
      showAll: () => this.view.fit(),
      pan: (part) => this.view.panBy(this.view.lengthUs * part),
      step: (by) => this.#step(by),
      stepTrack: (by) => this.#stepTrack(by),
      toLongest: (by) => {
        const ref = this.#selection.waitAfter(by);
        if (ref !== null) this.open(ref);
      },
      unfoldAll: () => this.#unfoldAll(),
      showKeys: () => this.#help.showModal(),
      enter: () => this.#enter(),
      close: () => {
        this.#selection.event = null;
        if (this.#panel.isOpen) this.#panel.close();
        else this.#draw();
      },
    };
  }

  #listen(actions: TimelineActions): void {
    const { scroller, canvas } = this.#surface;
    listen(scroller, canvas, {
      pan: (dx, dy) => {
        this.view.panBy(-dx * this.#usPerPixel());
        scroller.scrollTop -= dy;
      },
      zoom: (factor, x) => this.view.zoomBy(factor, this.#usAt(x)),
      hover: (x, y) => this.#hover(x, y),
      leave: () => {
        this.#tooltip.hide();
        this.#setHovered(null);
      },
      press: (x, y) => this.#press(x, y),
      plainWheel: () => this.#showHint(),
    });
    scroller.addEventListener("scroll", () => this.#draw());
    scroller.addEventListener("keydown", (event) => {
      if (event.altKey || event.metaKey || event.ctrlKey) return;
      const act = actOf(event.key, event.shiftKey);
      if (act === null) return;
      act(actions);
      event.preventDefault();
    });
    scroller.addEventListener("focus", () => {
      this.#hint.hidden = true;
    });
  }

  #usPerPixel(): number {
    const { width } = this.#surface;
    return this.view.lengthUs / (width - leftOf(width));
  }

  #usAt(x: number): number {
    return this.view.fromUs + (x - leftOf(this.#surface.width)) * this.#usPerPixel();
  }

  /** From the upper edge of the first track. */
  #laneY(y: number): number {
    return y - AXIS_HEIGHT + this.#surface.scroller.scrollTop;
  }

  #at(x: number, y: number): EventRef | null {
    if (x < leftOf(this.#surface.width) || y < AXIS_HEIGHT) return null;
    return eventAt(this.#model, this.#tracks, this.#usAt(x), this.#laneY(y), this.#usPerPixel());
  }

  #setHovered(track: number | null): void {
    if (this.#hovered === track) return;
    this.#hovered = track;
    this.#draw();
  }

  #trackAt(y: number): number | null {
    const at = this.#laneY(y);
    const index = y < AXIS_HEIGHT ? -1 : this.#tracks.findIndex(({ top, height }) => at >= top && at < top + height);
    return index === -1 ? null : index;
  }

  #hover(x: number, y: number): void {
    const ref = this.#at(x, y);
    this.#setHovered(this.#trackAt(y));
    this.#surface.canvas.classList.toggle("over", ref !== null || this.#foldAt(x, y) !== null);
    if (ref === null) {
      const isLane = x >= leftOf(this.#surface.width) && y >= AXIS_HEIGHT;
      const zone = isLane ? zoneAt(this.#model, this.#usAt(x), ZONE_NEAR * this.#usPerPixel()) : null;
      if (zone === null) this.#tooltip.hide();
      else this.#tooltip.show(x, y, this.#surface.width, [zone.text]);
      return;
    }
    this.#tooltip.show(x, y, this.#surface.width, [
      headText(this.#model, ref),
      `${processText(this.#model, processOf(this.#model, ref))}, at ${this.#timeOf(ref)}`,
      sqlOf(this.#model, ref),
    ]);
  }

  #press(x: number, y: number): void {
    this.#surface.scroller.focus({ preventScroll: true });
    const fold = this.#foldAt(x, y);
    const ref = fold === null ? this.#at(x, y) : null;
    if (fold !== null) this.#fold(fold);
    else if (ref !== null) {
      this.#select(ref, false);
      this.#panel.show(ref);
    } else {
      this.#selection.event = null;
      this.#selection.track = this.#trackAt(y);
      this.#draw();
    }
  }

  /** The process whose label is there, and that can be unfolded. */
  #foldAt(x: number, y: number): number | null {
    const left = leftOf(this.#surface.width);
    const track = this.#tracks[this.#trackAt(y) ?? -1];
    if (track === undefined || track.isUnfolded === null) return null;
    return (left > 0 ? x < left : this.#laneY(y) < track.top + LABEL_HEIGHT) ? track.process : null;
  }

  #fold(process: number): void {
    if (!this.#unfolded.delete(process)) this.#unfolded.add(process);
    this.layout();
  }

  /** Or folds them, where all are unfolded. */
  #unfoldAll(): void {
    const all = this.#tracks.filter(({ isUnfolded }) => isUnfolded !== null);
    const isUnfolding = all.some(({ isUnfolded }) => isUnfolded === false);
    for (const { process } of all)
      if (isUnfolding) this.#unfolded.add(process);
      else this.#unfolded.delete(process);
    this.layout();
  }

  /** `isMoving`: it is brought into view. */
  #select(ref: EventRef, isMoving = true): void {
    this.#selection.select(ref);
    if (isMoving) this.#reveal(ref);
    const who = processText(this.#model, processOf(this.#model, ref));
    this.#say(`${who}: ${headText(this.#model, ref)}, at ${this.#timeOf(ref)}`);
    this.#draw();
  }

  #reveal(ref: EventRef): void {
    const from = this.#model.fromUs(ref);
    this.view.reveal(from, from + this.#model.lengthOf(ref));
    const place = placeOf(this.#tracks, this.#model, ref);
    if (place !== null) this.#surface.scrollTo(place.top - 30, place.top + place.height + 30);
  }

  #timeOf(ref: EventRef): string {
    const { data, clock } = this.#model;
    return clock.timeText(data.fromMs + this.#model.fromUs(ref) / 1_000);
  }

  /** And takes the focus there. */
  #showDetails(ref: EventRef): void {
    this.#panel.show(ref);
    const { element } = this.#panel;
    element.focus({ preventScroll: element.offsetTop < this.#surface.scroller.offsetTop + 50 });
  }

  #showHint(): void {
    this.#hint.hidden = false;
    setTimeout(() => {
      this.#hint.hidden = true;
    }, HINT_MS);
  }

  #say(text: string): void {
    this.#live.textContent = text;
  }

  #enter(): void {
    const { event, track } = this.#selection;
    const lane = this.#tracks[track ?? -1];
    if (event !== null) this.#showDetails(event);
    else if (lane !== undefined && lane.isUnfolded !== null) this.#fold(lane.process);
  }

  #step(by: 1 | -1): void {
    const ref = this.#selection.eventAfter(by, this.view);
    if (ref === null) this.#stepTrack(1);
    else this.#select(ref);
  }

  #stepTrack(by: 1 | -1): void {
    const track = this.#selection.trackAfter(by);
    if (track === null) return;
    this.#surface.scrollTo(track.top, track.top + track.height);
    const events = this.#selection.eventsOf(track).length;
    const many = events === 0 && track.isUnfolded === true ? "unfolded" : count(events, "event");
    this.#say(`${track.label}${track.note === "" ? "" : `, ${track.note}`}: ${many}`);
    this.#draw();
  }
}

function summaryOf({ data, lanes }: Model): string {
  const processes = count(new Set(lanes.map(({ process }) => process)).size, "process", "processes");
  const what = `${count(data.locks.from.length, "lock")} and ${count(data.waits.from.length, "wait")} of ${processes}`;
  return `Timeline: ${what}. Arrow keys go from bar to bar, Enter opens its details, a question mark shows all keys.`;
}

/** Where bars begin: labels stand on their left, or above them. */
function leftOf(width: number): number {
  return width < NARROW ? 0 : Math.round(Math.min(LABELS.most, Math.max(LABELS.least, width * LABELS.share)));
}
