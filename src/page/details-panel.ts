/** The panel that has the details of one event. */
import { detailsOf } from "./details/details.ts";
import { button, make } from "./dom.ts";
import type { EventRef, Model } from "./model.ts";

export interface PanelActions {
  readonly open: (ref: EventRef) => void;
  /** It was opened or closed: the rest has less room, or more. */
  readonly resized: () => void;
  readonly escape: () => void;
  readonly toLongest: (by: 1 | -1) => void;
}

export class DetailsPanel {
  readonly element = make("aside", { class: "panel", tabindex: "-1", "aria-label": "Details", hidden: "" });
  readonly #model: Model;
  readonly #actions: PanelActions;

  constructor(model: Model, actions: PanelActions) {
    this.#model = model;
    this.#actions = actions;
    this.element.addEventListener("keydown", (event) => {
      if (event.altKey || event.metaKey || event.ctrlKey) return;
      if (event.key === "Escape") actions.escape();
      else if (event.key === "n" || event.key === "p") actions.toLongest(event.key === "n" ? 1 : -1);
    });
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  show(ref: EventRef): void {
    const close = button("\u2715", "Close (Escape)", () => this.#actions.escape());
    close.classList.add("close");
    this.element.replaceChildren(close, detailsOf(this.#model, ref, { open: this.#actions.open }));
    this.element.scrollTop = 0;
    if (this.isOpen) return;
    this.element.hidden = false;
    this.#actions.resized();
  }

  close(): void {
    if (!this.isOpen) return;
    this.element.hidden = true;
    this.#actions.resized();
  }
}
