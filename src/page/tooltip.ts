/** What is under the mouse, in a few lines beside it. */
import { escapeText } from "../text/escape.ts";
import { make } from "./dom.ts";

const MOST = 300;
const WIDTH = 340;

export class Tooltip {
  readonly element = make("div", { class: "tooltip", hidden: "", "aria-hidden": "true" });

  /** `width`: of what it must not leave. */
  show(x: number, y: number, width: number, lines: readonly (string | null)[]): void {
    const known = lines.filter((line) => line !== null);
    this.element.replaceChildren(
      ...known.map((line, i) => make(i === 0 ? "b" : i === 2 ? "code" : "span", {}, escapeText(line.slice(0, MOST)))),
    );
    this.element.hidden = false;
    this.element.style.left = `${Math.max(4, x + WIDTH + 16 > width ? x - Math.min(WIDTH, x - 8) - 12 : x + 14)}px`;
    this.element.style.top = `${y + 16}px`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
