/** The script of the page of a recording: what needs no script is in the page already. */
import { shownWals, walPlots } from "../render/page/wal-plots.ts";
import { make, svgNode } from "./dom.ts";
import { loadData } from "./load.ts";
import type { EventRef } from "./model.ts";
import { Model } from "./model.ts";
import { linkRows } from "./table-links.ts";
import { setPrintTheme, themeButton } from "./theme.ts";
import { type Shown, Timeline } from "./timeline.ts";

async function start(): Promise<void> {
  const place = document.getElementById("timeline-place");
  const source = document.getElementById("page-data");
  if (place === null || source === null) return;
  performance.mark("sqlock-begin");
  const data = await loadData(source);
  performance.mark("sqlock-loaded");
  const model = new Model(data);
  performance.mark("sqlock-model");
  const plots = [...document.querySelectorAll<HTMLElement>(".walPlots")];
  const timeline = new Timeline(model, (shown) => drawPlots(model, plots, shown));
  document.getElementById("top")?.append(themeButton(() => timeline.layout()));
  place.append(timeline.element);
  place.hidden = false;
  timeline.layout();
  linkRows(model, (ref: EventRef) => {
    timeline.open(ref);
    place.scrollIntoView({ block: "start" });
  });
  let width = place.clientWidth;
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    timeline.layout();
  }).observe(place);
  const print = (isPrinting: boolean) => {
    setPrintTheme(isPrinting);
    timeline.print(isPrinting);
  };
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));
  place.dataset["ready"] = "true";
  place.dataset["locks"] = String(model.data.locks.from.length);
  place.dataset["waits"] = String(model.data.waits.from.length);
  performance.mark("sqlock-ready");
}

/** Below the timeline, with its axis. */
function drawPlots({ data, clock }: Model, places: readonly HTMLElement[], shown: Shown): void {
  const wals = shownWals(data.wals);
  const { fromMs, toMs, width, left } = shown;
  // Values need room beside the lines.
  const options = { clock, dataFromMs: data.fromMs, fromMs, toMs, width, ...(left > 0 && { left, right: 1 }) };
  places.forEach((place, i) => {
    const wal = wals[i];
    if (wal === undefined) return;
    place.style.maxWidth = `${width}px`;
    place.replaceChildren(...walPlots(wal, options).map(svgNode));
  });
}

start().catch((error: unknown) => {
  const place = document.getElementById("timeline-place");
  const why = error instanceof Error ? error.message : String(error);
  place?.replaceChildren(
    make("p", { class: "note" }, `The timeline cannot be shown: ${why}. The tables below have all of the rest.`),
  );
  if (place !== null) place.hidden = false;
});
