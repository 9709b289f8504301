/** The canvas, in a place that scrolls: it has the height of what can be seen, the lanes have their own. */
import { make } from "./dom.ts";
import { AXIS_HEIGHT } from "./paint/scene.ts";

const MIN_HEIGHT = 160;
const MIN_WIDTH = 200;
/** Of the window. */
const MOST_HEIGHT = 0.66;

export class Surface {
  readonly canvas = make("canvas");
  readonly context: CanvasRenderingContext2D;
  readonly scroller = make("div", { class: "scroller" });
  readonly #spacer = make("div", { class: "spacer" }, this.canvas);
  width = MIN_WIDTH;
  height = 0;

  /** `summary`: for who does not see it. @throws Error where the browser has no canvas */
  constructor(summary: string) {
    const context = this.canvas.getContext("2d", { alpha: false });
    if (context === null) throw new Error("the browser has no canvas");
    this.context = context;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "application");
    this.scroller.setAttribute("aria-label", summary);
    this.scroller.append(this.#spacer);
  }

  measure(): void {
    this.width = Math.max(MIN_WIDTH, this.scroller.clientWidth);
  }

  /** `lanes`: the height of all of them. `isPrinting`: none is scrolled away, and the width of the paper decides. */
  resize(lanes: number, isPrinting: boolean): void {
    const total = AXIS_HEIGHT + lanes;
    const most = isPrinting
      ? Number.POSITIVE_INFINITY
      : Math.max(MIN_HEIGHT, Math.round(window.innerHeight * MOST_HEIGHT));
    this.height = Math.min(total, most);
    this.scroller.style.height = isPrinting || lanes === 0 ? "" : `${this.height}px`;
    this.#spacer.style.height = isPrinting ? "" : `${total}px`;
    this.canvas.style.height = isPrinting ? "" : `${this.height}px`;
    const scale = scaleOfDevice();
    this.canvas.width = Math.round(this.width * scale);
    this.canvas.height = Math.round(this.height * scale);
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
  }

  /** So that both can be seen; from the upper edge of the first track. */
  scrollTo(top: number, bottom: number): void {
    const { scrollTop, clientHeight } = this.scroller;
    const visible = clientHeight - AXIS_HEIGHT;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (bottom > scrollTop + visible) this.scroller.scrollTop = bottom - visible;
  }
}

/** Pixels of the device in one of the page. */
export function scaleOfDevice(): number {
  return Math.min(3, window.devicePixelRatio || 1);
}
