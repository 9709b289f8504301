import { expect, test } from "vitest";
import type { CallSite } from "../../../../src/recording/lines.ts";
import { atText, pauseText, siteText, threadText } from "../../../../src/render/record/call-site.ts";
import { callSite } from "../../../support/recording.ts";

const FOLDER = "/srv/app";

test.each<[Partial<CallSite>, string | null, string]>([
  [{}, FOLDER, "shop/views.py:42 in create_order"],
  [{}, "/srv/app/shop", "views.py:42 in create_order"],
  [{}, "/srv/other", ".../app/shop/views.py:42 in create_order"],
  [{}, null, ".../app/shop/views.py:42 in create_order"],
  [{ file: "/srv/app2/views.py" }, FOLDER, "/srv/app2/views.py:42 in create_order"],
  [{ file: "/srv/app/..hidden/a.py" }, FOLDER, "..hidden/a.py:42 in create_order"],
  [{ file: "views.py" }, FOLDER, "views.py:42 in create_order"],
  [{ file: "<string>", function: "<module>" }, FOLDER, "<string>:42"],
  [{ function: null }, FOLDER, "shop/views.py:42"],
  [
    { file: "/srv/app/.venv/lib/python3.11/site-packages/django/db/transaction.py", inLibrary: true },
    FOLDER,
    "django/db/transaction.py:42 in create_order",
  ],
  [{ file: "/srv/app/node_modules/knex/lib/raw.js", function: "then" }, FOLDER, "knex/lib/raw.js:42 in then"],
  [{ thread: "worker-1" }, FOLDER, "shop/views.py:42 in create_order (thread worker-1)"],
  [{ thread: "worker-1", task: "Task-3" }, FOLDER, "shop/views.py:42 in create_order (task Task-3)"],
  [{ sure: "likely" }, FOLDER, "shop/views.py:42 in create_order (likely)"],
  [{ task: "Task-3", sure: "likely" }, FOLDER, "shop/views.py:42 in create_order (task Task-3, likely)"],
])("%j from %j: %s", (given, folder, text) => {
  expect(siteText(callSite(42, given), folder)).toBe(text);
  expect(atText(callSite(42, given), folder)).toBe(` at ${text}`);
});

test("hostile names become one short line that a terminal does not obey", () => {
  const hostile = `x\x1b[2J\n\u202e${"y".repeat(5_000)}`;
  const file = `/${"y".repeat(5_000)}\x1b[2J\n\u202e.py`;
  const text = siteText(callSite(1, { file, function: hostile, task: hostile }), FOLDER);
  expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(text.length).toBeLessThan(200);
});

test("a long path loses its beginning, and never half of a character", () => {
  for (const rest of ["x", "xy"]) {
    const text = siteText(callSite(1, { file: `${"\u{1f600}".repeat(90)}${rest}.py` }), null);
    expect(text).toMatch(/^\.\.\.(\u{1f600})+xy?\.py:1 in create_order$/u);
    expect(text.isWellFormed()).toBe(true);
  }
});

test("what is not known is left out", () => {
  expect(atText(null, FOLDER)).toBe("");
  expect(atText(undefined, FOLDER)).toBe("");
});

test("a pause", () => {
  const pause = { ms: 2_100, after: callSite(42), before: callSite(45) };
  expect(pauseText(pause, FOLDER)).toBe("nothing for 2.1 s after shop/views.py:42 in create_order (before line 45)");
  const other = { ...pause, before: callSite(7, { file: "/srv/app/tasks.py" }) };
  expect(pauseText(other, FOLDER)).toBe("nothing for 2.1 s after shop/views.py:42 in create_order (before tasks.py:7)");
  expect(pauseText({ ...pause, after: null }, FOLDER)).toBe("nothing for 2.1 s before shop/views.py:45");
  expect(pauseText({ ...pause, before: null }, FOLDER)).toBe(
    "nothing for 2.1 s after shop/views.py:42 in create_order",
  );
});

test("a thread", () => {
  expect(threadText(callSite(1))).toBe("the main thread");
  expect(threadText(callSite(1, { thread: "worker-1" }))).toBe("thread worker-1");
});
