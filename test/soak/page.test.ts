/** The page of a recording with very many events: its size, what it leaves out, and that it can be looked at. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { largeRecording } from "../support/large-recording.ts";
import { pageOf } from "../support/page.ts";
import { has, need } from "../support/skip.ts";
import { tempFolder } from "../support/temp.ts";

const SECONDS = 3_600;

test("100,000 events make a page of 2 MB at most", () => {
  const { html } = pageOf(
    largeRecording({ locks: 60_000, transactions: 30_000, waits: 9_000, refusals: 1_000 }),
    SECONDS * 1_000,
  );
  expect(html.length).toBeLessThan(2_000_000);
});

test("300,000 locks: the longest are drawn, the others are counted, and the page says so", async (context) => {
  need(context, has("chromium"), "chromium");
  const many = { locks: 300_000, transactions: 0, waits: 0, refusals: 0 };
  const { html, collected } = pageOf(largeRecording(many), SECONDS * 1_000);
  const { data, leftOut } = collected;
  expect(data.locks.from.length).toBe(120_000);
  expect(data.counted.times.reduce((sum, times) => sum + times, 0)).toBe(180_000);
  expect(leftOut.locks.times).toBe(180_000);
  expect(Math.min(...data.locks.length)).toBeGreaterThanOrEqual(Math.floor(leftOut.locks.upToMs * 1_000));
  const file = join(tempFolder(), "page.html");
  writeFileSync(file, html);
  const browser = await startChromium(chromiumPath() ?? "");
  try {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 800 } });
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('[data-ready="true"]', { state: "attached" });
    expect(await page.locator("#unknown").innerText()).toContain("180,000 locks of up to");
    await page.getByTitle("Zoom in (+)").click();
    await expect.poll(() => page.locator(".shown").innerText()).toContain(" of ");
  } finally {
    await browser.close();
  }
});
