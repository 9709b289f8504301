/** The script of the page of a recording: what needs no script is in the page already. */
import { walPlots } from "../render/page/wal-plots.ts";
import { make, svgNode } from "./dom.ts";
import { loadData } from "./load.ts";
import type { EventRef } from "./model.ts";
import { Model } from "./model.ts";
import { linkRows } from "./table-links.ts";
import { themeButton } from "./theme.ts";
import { Timeline } from "./timeline.ts";

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
  const timeline = new Timeline(model, (fromMs, toMs) => drawPlots(model, plots, fromMs, toMs));
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
  window.addEventListener("beforeprint", () => timeline.print(true));
  window.addEventListener("afterprint", () => timeline.print(false));
  place.dataset["ready"] = "true";
  place.dataset["locks"] = String(model.data.locks.from.length);
  place.dataset["waits"] = String(model.data.waits.from.length);
  performance.mark("sqlock-ready");
}

/** Below the timeline, with its axis. */
function drawPlots({ data, clock }: Model, plots: readonly HTMLElement[], fromMs: number, toMs: number): void {
  const shown = data.wals.filter(({ bytes }) => bytes.some((each) => each >= 0));
  plots.forEach((place, i) => {
    const wal = shown[i];
    if (wal === undefined) return;
    const width = Math.max(300, place.clientWidth);
    place.replaceChildren(...walPlots(wal, { clock, dataFromMs: data.fromMs, fromMs, toMs, width }).map(svgNode));
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
