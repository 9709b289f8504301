/** The buttons above the timeline. */
import type { TimelineActions } from "./actions.ts";
import { button, make } from "./dom.ts";
import type { Model } from "./model.ts";

/** `shown`: how much is shown, in words. */
export function toolbar({ lanes, longestWaits }: Model, actions: TimelineActions, shown: HTMLElement): HTMLElement {
  const known = lanes.filter(({ connection, rows }) => connection !== null && rows.length > 0);
  const hasFolds = new Set(known.map(({ process }) => process)).size < known.length;
  const waits = [
    button("Longest wait", "Show the longest wait", () => actions.toLongest(Number.NEGATIVE_INFINITY)),
    button("\u2039", "The next longer wait (p)", () => actions.toLongest(-1)),
    button("\u203a", "The next shorter wait (n)", () => actions.toLongest(1)),
  ];
  const connections = button("Connections", "Show a lane for each connection, or one for each process (c)", () =>
    actions.unfoldAll(),
  );
  return make(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": "Timeline" },
    button("\u2212", "Zoom out (-)", () => actions.zoom(0.5)),
    button("+", "Zoom in (+)", () => actions.zoom(2)),
    button("Fit", "Show all (0)", () => actions.showAll()),
    shown,
    ...(longestWaits.length === 0 ? [] : waits),
    hasFolds ? connections : null,
    button("?", "Keys", () => actions.showKeys()),
  );
}
