/** The page of a recording, in a real Chromium: what it shows, without a network, a script, or a screen. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, expect, type TestContext, test } from "vitest";
import { RecordingReader } from "../../src/recording/document/reader.ts";
import type { RecordingLine, WaitLine } from "../../src/recording/lines.ts";
import type { SummaryLine } from "../../src/recording/summary-line.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { pythonPath } from "../support/holder.ts";
import { type MadePage, pageOf } from "../support/page.ts";
import {
  blocker,
  callSite,
  countsLine,
  lockLine,
  metaLine,
  processLine,
  refusalLine,
  statement,
  transactionLine,
  waitLine,
} from "../support/recording.ts";
import { has, need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";
import { AS_CALLER, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

let browser: Promise<Browser> | null = null;

afterAll(async () => {
  await (await browser)?.close();
});

/** What a page must not do. */
interface Opened {
  readonly page: Page;
  /** Requests, dialogs, errors, and what the policy of the page has refused. */
  readonly complaints: string[];
}

async function opened(context: TestContext, html: string, options: BrowserContextOptions = {}): Promise<Opened> {
  need(context, has("chromium"), "chromium");
  browser ??= startChromium(chromiumPath() ?? "");
  const file = join(tempFolder(), "page.html");
  writeFileSync(file, html);
  const address = pathToFileURL(file).href;
  const browsing = await (await browser).newContext({ viewport: { width: 1_280, height: 800 }, ...options });
  const page = await browsing.newPage();
  const complaints: string[] = [];
  page.on("request", (request) => {
    if (request.url() !== address && !request.url().startsWith("data:,")) complaints.push(`request: ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  await page.goto(address);
  if (options.javaScriptEnabled !== false) await page.waitForSelector('[data-ready="true"]', { state: "attached" });
  return { page, complaints };
}

/** A process that keeps the write lock for a while, and one that waits for it. */
const CONTENTION = `
import os, sqlite3, sys, time
pid = os.fork()
c = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
for i in range(3):
    if pid: time.sleep(0.1)
    c.execute("begin immediate")
    c.execute("insert into t values(?)", (i,))
    if not pid: time.sleep(0.4)
    c.execute("commit")
if pid: os.wait()
`;

interface Recorded extends MadePage {
  readonly lines: readonly RecordingLine[];
}

let made: Promise<Recorded> | null = null;

/** Recorded once, by the built program: with the source that this machine has. */
function recorded(): Promise<Recorded> {
  made ??= record();
  return made;
}

async function record(): Promise<Recorded> {
  const database = newDatabase("wal");
  const file = join(dirname(database), "x.jsonl");
  const script = join(dirname(database), "contention.py");
  writeFileSync(script, CONTENTION);
  const command = [pythonPath(), script, database];
  const { code, stderr } = await sqlock(["record", ...AS_CALLER, "-o", file, database, "--", ...command]);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  const lines: RecordingLine[] = [];
  const reader = new RecordingReader((line) => lines.push(line));
  const text = readFileSync(file, "utf8");
  reader.push(text);
  expect(reader.end()).toMatchObject({ isComplete: true, refused: null, problems: [] });
  const { durationMs } = JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as SummaryLine;
  const page = join(dirname(database), "x.html");
  const written = await sqlock(["report", "--html", page, file]);
  expect({ code: written.code, stderr: written.stderr }).toEqual({ code: 0, stderr: "" });
  expect(statSync(page).mode & 0o777).toBe(0o600);
  return { lines, ...pageOf(lines, durationMs), html: readFileSync(page, "utf8") };
}

test("a real recording: every lock is there, and the longest wait names who was in the way", async (context) => {
  need(context, has("chromium"), "chromium");
  const { lines, html } = await recorded();
  const { page, complaints } = await opened(context, html);
  const waits = lines.filter((line): line is WaitLine => line.type === "wait");
  const locks = lines.filter(({ type }) => type === "lock");
  const place = page.locator("#timeline-place");
  expect(await place.getAttribute("data-locks")).toBe(String(locks.length));
  expect(await place.getAttribute("data-waits")).toBe(String(waits.length));
  const longest = waits.reduce((one, other) => (other.waitedMs > one.waitedMs ? other : one));
  const [behind] = longest.blockers;
  expect(behind?.pid).not.toBe(longest.pid);
  await page.getByRole("button", { name: "Longest wait" }).click();
  const details = page.getByRole("complementary", { name: "Details" });
  const text = await details.innerText();
  expect(text).toMatch(/^✕?\s*Waited [\d.]+ m?s for WRITE: got it/);
  expect(text).toContain(`\n${longest.pid} (`);
  expect(text).toMatch(new RegExp(`Behind\\s+${behind?.pid} \\(python.*\\): WRITE for`));
  expect(text).toContain(`contention.py:${longest.callSite?.line}`);
  // The lock that was in the way, and from there the call behind it.
  await details.getByRole("button", { name: String(behind?.pid) }).click();
  expect(await details.innerText()).toMatch(/WRITE held for [\s\S]*calls? behind it/);
  expect(complaints).toEqual([]);
});

test("the keyboard: from bar to bar, into the details and back", async (context) => {
  need(context, has("chromium"), "chromium");
  const { html } = await recorded();
  const { page, complaints } = await opened(context, html);
  const timeline = page.getByRole("application");
  const said = page.getByRole("status");
  await timeline.focus();
  await page.keyboard.press("ArrowRight");
  const first = await said.innerText();
  expect(first).toMatch(/^\d+ \(.*\): .* at \d\d:\d\d:\d\d\.\d{3}$/s);
  await page.keyboard.press("ArrowRight");
  expect(await said.innerText()).not.toBe(first);
  await page.keyboard.press("Enter");
  const details = page.getByRole("complementary", { name: "Details" });
  await details.waitFor();
  expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("Details");
  await page.keyboard.press("Escape");
  expect(await details.isVisible()).toBe(false);
  expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe("application");
  const shown = page.locator(".shown");
  expect(await shown.innerText()).toBe("all");
  await page.keyboard.press("+");
  await expect.poll(() => shown.innerText()).toMatch(/^[\d.]+ (m?s) of [\d.]+ s$/);
  await page.keyboard.press("0");
  await expect.poll(() => shown.innerText()).toBe("all");
  await page.keyboard.press("ArrowDown");
  expect(await said.innerText()).toMatch(/\d+ events|unfolded/);
  await page.keyboard.press("?");
  expect(await page.getByRole("dialog").innerText()).toContain("Enter");
  await page.keyboard.press("Escape");
  expect(complaints).toEqual([]);
});

test("mouse: a bar says what it is, a click opens it; the wheel zooms only where that is meant", async (context) => {
  need(context, has("chromium"), "chromium");
  // One lock over the whole of one lane.
  const { html } = pageOf([metaLine(), processLine(), lockLine({ fromMs: 0, toMs: 1_000 })], 1_000);
  const { page, complaints } = await opened(context, html);
  const canvas = page.locator(".scroller canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  const at = { x: (box?.x ?? 0) + (box?.width ?? 0) * 0.7, y: (box?.y ?? 0) + 36 + 14 };
  await page.mouse.move(at.x, at.y);
  await expect.poll(() => page.locator(".tooltip").innerText()).toContain("WRITE held for 1 s");
  await page.mouse.wheel(0, -200);
  await page.locator(".hint").waitFor();
  expect(await page.locator(".shown").innerText()).toBe("all");
  await page.mouse.click(at.x, at.y);
  expect(await page.getByRole("complementary", { name: "Details" }).innerText()).toContain("begin immediate");
  // The details have taken some of the room.
  await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) * 0.4, at.y);
  await page.mouse.wheel(0, -200);
  await expect.poll(() => page.locator(".shown").innerText()).toMatch(/ of /);
  expect(complaints).toEqual([]);
});

/** Pixels of the colour of lines and crosses. */
const RED = `(() => {
  const canvas = document.querySelector(".scroller canvas");
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let red = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] > data[i + 1] + 40 && data[i] > data[i + 2] + 40) red++;
  return red;
})()`;

/** One holds, and in each of its holds so many others wait: each for a tenth of a second. */
function crowd(waiters: number): RecordingLine[] {
  const holders = Array.from({ length: 10 }, (_, i) => i * 200);
  const waits = holders.flatMap((at) =>
    Array.from({ length: waiters }, (_, i) => ({ at: at + i * 5, pid: 5_000 + i })),
  );
  return [
    metaLine(),
    processLine({ pid: 4_242, startTicks: "900" }),
    ...Array.from({ length: waiters }, (_, i) => processLine({ pid: 5_000 + i })),
    ...holders.map((at) => lockLine({ pid: 4_242, tid: 4_242, startTicks: "900", fromMs: at, toMs: at + 190 })),
    ...waits.map(({ at, pid }) => {
      const blockers = [blocker({ fromMs: Math.floor(at / 200) * 200, heldMs: 190, blockedMs: 100 })];
      return waitLine({ pid, tid: pid, fromMs: at, waitedMs: 100, blockers });
    }),
  ];
}

test("of many waits, only the longest and those of the lane under the mouse have lines", async (context) => {
  need(context, has("chromium"), "chromium");
  const few = await opened(context, pageOf(crowd(1), 2_000).html);
  expect(await few.page.locator(".legend").innerText()).toMatch(/from who waits to who blocks$/m);
  const { page, complaints } = await opened(context, pageOf(crowd(8), 2_000).html);
  expect(await page.locator(".legend").innerText()).toContain(
    "of the 20 longest waits, and of the lane under the mouse",
  );
  const before = Number(await page.evaluate(RED));
  const canvas = page.locator(".scroller canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  // The lane of the one that holds: each wait is behind it.
  await page.mouse.move((box?.x ?? 0) + 40, (box?.y ?? 0) + 36 + 20);
  await expect.poll(async () => Number(await page.evaluate(RED))).toBeGreaterThan(before * 2);
  await page.mouse.move((box?.x ?? 0) + 40, (box?.y ?? 0) - 40);
  await expect.poll(async () => Number(await page.evaluate(RED))).toBe(before);
  expect(complaints).toEqual([]);
});

test("without JavaScript, the verdict and all tables are there", async (context) => {
  need(context, has("chromium"), "chromium");
  const { summary, html } = await recorded();
  const { page, complaints } = await opened(context, html, { javaScriptEnabled: false });
  expect(await page.locator(".verdict").innerText()).toMatch(/\.$/);
  expect(await page.locator("#waits tbody tr").count()).toBe(summary.waits.length);
  expect(await page.locator("#transactions tbody tr").count()).toBe(summary.transactions.length);
  expect(await page.locator("#processes tbody tr").count()).toBe(summary.processes.length);
  expect(await page.locator("#lengths svg").count()).toBeGreaterThan(0);
  expect(await page.locator("#unknown").isVisible()).toBe(true);
  expect(await page.locator("noscript").innerText()).toContain("needs JavaScript");
  expect(await page.locator("canvas").count()).toBe(0);
  expect(complaints).toEqual([]);
});

/** The colour of the timeline where there is nothing. */
const CORNER = `(() => {
  const copy = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  copy.drawImage(document.querySelector(".scroller canvas"), 0, 0);
  return [...copy.getImageData(1, 1, 1, 1).data].slice(0, 3).join(" ");
})()`;

test("dark, light, and on paper", async (context) => {
  need(context, has("chromium"), "chromium");
  const { html } = await recorded();
  const { page, complaints } = await opened(context, html, { colorScheme: "dark" });
  const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  const drawn = () => page.evaluate(CORNER);
  const dark = { ground: await ground(), drawn: await drawn() };
  const button = page.getByRole("button", { name: "Theme" });
  await button.click();
  expect(await button.innerText()).toBe("Theme: light");
  const light = { ground: await ground(), drawn: await drawn() };
  expect(light.drawn).toBe("255 255 255");
  expect(light.ground).not.toBe(dark.ground);
  expect(light.drawn).not.toBe(dark.drawn);
  await button.click();
  expect(await ground()).toBe(dark.ground);
  // What is drawn for paper is light, though the screen is dark.
  await page.evaluate(`addEventListener("beforeprint", () => { document.title = ${CORNER}; })`);
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  expect(await page.title()).toBe("255 255 255");
  expect(await drawn()).toBe(dark.drawn);
  await page.emulateMedia({ media: "print" });
  expect(await page.locator(".toolbar").isVisible()).toBe(false);
  expect(await page.locator("#waits table").isVisible()).toBe(true);
  expect(await page.locator(".scroller canvas").isVisible()).toBe(true);
  expect(complaints).toEqual([]);
});

test.for([
  { width: 390, height: 844 },
  { width: 2_560, height: 1_440 },
])("nothing is wider than a screen of $width pixels", async (viewport, context) => {
  need(context, has("chromium"), "chromium");
  const { html } = pageOf(hostileRecording("x".repeat(300)), 2_000);
  const { page, complaints } = await opened(context, html, { viewport });
  await page.getByRole("button", { name: "Longest wait" }).click();
  await page.getByRole("complementary", { name: "Details" }).waitFor();
  expect(await page.evaluate("document.scrollingElement.scrollWidth")).toBeLessThanOrEqual(viewport.width);
  expect(complaints).toEqual([]);
});

/** What would be run, shown or loaded, wherever it is taken for more than text. */
const HOSTILE =
  "</script></style></title><script>alert(1)</script><img src=x onerror=alert(2)><!--<script>'\"`&amp;" +
  "javascript:alert(3)\u2028\u2029\u202e\0 <svg onload=alert(5)> https://example.com/x.png";

/** Each text of a recording that somebody else chooses is `text`. */
function hostileRecording(text: string): RecordingLine[] {
  const site = callSite(4, {
    ...{ file: `/srv/${text}.py`, function: text, task: text, thread: text },
    calledFrom: [{ file: `/x/${text}`, line: 7, function: text }],
  });
  const who = { path: `/srv/${text}`, sql: text, callSite: site };
  return [
    metaLine({ zone: text, databases: [{ path: `/srv/${text}`, givenAs: text }] }),
    processLine({ name: text, commandLine: [text, text], user: text, unit: text, container: text }),
    processLine({ pid: 4242, startTicks: "900", name: text, commandLine: [text], user: text }),
    lockLine({ ...who, pid: 4242, startTicks: "900", tid: 4242, fromMs: 800, toMs: 1_800 }),
    lockLine({ ...who, connection: 2, fromMs: 1_800, toMs: 1_900 }),
    waitLine({ ...who, result: text, outcome: "gave-up", blockers: [blocker({ sql: text, callSite: site })] }),
    refusalLine({ ...who, result: text }),
    transactionLine({
      ...{ path: `/srv/${text}`, callSite: site, statements: [statement({ sql: text, result: text })], toMs: 900 },
      program: { connectionId: 1, endedAt: site, pause: { ms: 500, after: site, before: site } },
    }),
    countsLine({ path: `/srv/${text}`, holds: { WRITE: { times: 3, totalMs: 9, writes: 3 } } }),
    countsLine({
      path: `/srv/${text}`,
      holds: JSON.parse(`{"__proto__": {"times": 1, "totalMs": 1}, "constructor": {"times": 1, "totalMs": 1}}`),
    }),
    { type: "wal", atMs: 10, path: `/srv/${text}`, bytes: 4_096, frames: 1, copied: 0, pinned: 1, pinnedBy: [] },
  ];
}

test("names, commands and statements are only ever text", async (context) => {
  const { html } = pageOf(hostileRecording(HOSTILE), 2_000);
  const { page, complaints } = await opened(context, html);
  const elements = (names: string) => page.evaluate(`document.querySelectorAll(${JSON.stringify(names)}).length`);
  expect(await elements("script")).toBe(2);
  const timeline = page.getByRole("application");
  const details = page.getByRole("complementary", { name: "Details" });
  const seen = new Set<string>();
  for (let lane = 0; lane < 4; lane++) {
    await timeline.focus();
    await page.keyboard.press("ArrowDown");
    for (let bar = 0; bar < 4; bar++) {
      await timeline.focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      if (await details.isVisible()) seen.add(((await details.locator("h3").textContent()) ?? "").slice(0, 12));
    }
  }
  // A lock, a wait, a transaction, a refusal.
  expect(seen.size).toBeGreaterThanOrEqual(4);
  expect(await details.textContent()).toContain("alert(1)");
  expect(await elements("img, svg[onload], a, iframe, object, form")).toBe(0);
  expect(await elements("script")).toBe(2);
  expect(await page.locator("h1").innerText()).toContain("</script>");
  expect(complaints).toEqual([]);
});

test("the policy of the page allows no other script, style or request", async (context) => {
  const { html } = pageOf(hostileRecording("x"), 2_000);
  const { page, complaints } = await opened(context, html);
  await page.evaluate(`(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'changed'";
    document.body.append(script);
    const image = document.createElement("img");
    image.src = "https://example.com/x.png";
    document.body.append(image);
  })()`);
  await expect.poll(() => complaints.filter((each) => each.includes("Content Security Policy")).length).toBe(2);
  expect(await page.title()).not.toBe("changed");
});
