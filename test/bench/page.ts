/** How large the page of a report is, and how fast Chromium draws it: `npm run bench -- --page`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { largeRecording, type Many } from "../support/large-recording.ts";
import { pageFiles, pageOf } from "../support/page.ts";
import { median, ROOT, type Row, show } from "./measure.ts";

const SECONDS = 3_600;
const LOADS: readonly { readonly name: string; readonly many: Many }[] = [
  { name: "100,000 events", many: { locks: 60_000, transactions: 30_000, waits: 9_000, refusals: 1_000 } },
  { name: "100,000 locks", many: { locks: 100_000, transactions: 0, waits: 0, refusals: 0 } },
];
const SIZES = [
  { width: 1_280, height: 800 },
  { width: 2_560, height: 1_440 },
];
const LOADED = 5;
const FRAMES = 120;

interface Drawn {
  readonly firstMs: number;
  readonly paintMs: readonly number[];
  readonly frameMs: readonly number[];
}

export async function benchPage(): Promise<void> {
  const path = chromiumPath();
  if (path === null) {
    console.log("skipped: chromium is not installed");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "sqlock-bench-"));
  const browser = await startChromium(path);
  const rows: Row[] = [];
  for (const { name, many } of LOADS) {
    const started = performance.now();
    const { html } = pageOf(largeRecording(many, SECONDS), SECONDS * 1_000, {}, pageFiles(ROOT));
    const file = join(folder, "page.html");
    writeFileSync(file, html);
    const megabytes = html.length / 1e6;
    const built = `${megabytes.toFixed(2)} MB, made in ${((performance.now() - started) / 1_000).toFixed(1)} s`;
    rows.push({ work: `${name}, the page`, result: built, target: "<= 2 MB", met: megabytes <= 2 });
    for (const size of SIZES)
      rows.push(...(await drawingRows(browser, file, `${name}, ${size.width} x ${size.height}`, size)));
  }
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
  show(rows);
}

async function drawingRows(
  browser: Browser,
  file: string,
  work: string,
  size: { width: number; height: number },
): Promise<Row[]> {
  const runs: Drawn[] = [];
  for (let i = 0; i < LOADED; i++) runs.push(await draw(browser, file, size));
  const first = median(runs.map(({ firstMs }) => firstMs));
  const frames = runs.flatMap(({ frameMs }) => frameMs).sort((a, b) => a - b);
  const paints = runs.flatMap(({ paintMs }) => paintMs).sort((a, b) => a - b);
  const at = (values: readonly number[], share: number) => (values[Math.floor(values.length * share)] ?? 0).toFixed(1);
  const script = `${at(paints, 0.5)}, ${at(paints, 0.95)}`;
  return [
    { work: `${work}, first picture`, result: `${first.toFixed(0)} ms`, target: "<= 400 ms", met: first <= 400 },
    {
      work: `${work}, a frame of panning`,
      result: `${at(frames, 0.5)} ms, 95 of 100: ${at(frames, 0.95)} ms (script: ${script})`,
      ...{ target: "<= 30 ms", met: Number(at(frames, 0.5)) <= 30 },
    },
  ];
}

/** The first picture: from the start of loading until the frame with the timeline. */
async function draw(browser: Browser, file: string, viewport: { width: number; height: number }): Promise<Drawn> {
  const page = await browser.newPage({ viewport });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('[data-ready="true"]', { state: "attached" });
  const drawn = (await page.evaluate(MEASURE)) as Drawn;
  await page.close();
  return drawn;
}

/** In the page: from all that there is to an eighth, in which each frame has to draw other bars. */
const MEASURE = `(async () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const firstMs = performance.getEntriesByName("sqlock-ready")[0].startTime;
  const lane = document.querySelector(".scroller");
  for (const key of ["+", "+", "+"]) lane.dispatchEvent(new KeyboardEvent("keydown", { key }));
  await frame();
  performance.clearMeasures();
  const frameMs = [];
  let before = await frame();
  for (let i = 0; i < ${FRAMES}; i++) {
    const key = i % 20 < 10 ? "ArrowRight" : "ArrowLeft";
    lane.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey: true }));
    const now = await frame();
    frameMs.push(now - before);
    before = now;
  }
  const paintMs = performance.getEntriesByName("sqlock-paint").map(({ duration }) => duration);
  return { firstMs, paintMs, frameMs };
})()`;
