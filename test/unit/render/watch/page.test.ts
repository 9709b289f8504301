/** The findings in full, and how the pages scroll. */
import { describe, expect, test } from "vitest";
import type { Interaction, Page } from "../../../../src/features/watch/interaction.ts";
import { INITIAL_INTERACTION } from "../../../../src/features/watch/interaction.ts";
import type { FindingView } from "../../../../src/features/watch/seen-findings.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { pageLines } from "../../../../src/render/watch/page.ts";
import { renderScreen } from "../../../../src/render/watch/view.ts";
import { databaseView, findingView, viewOf } from "../../../support/watch-view.ts";

const AT = new Date("2026-01-02T12:03:07").getTime();
const UTF8 = { ...PLAIN, ellipsis: "…" };
const page = (...findings: FindingView[]): Page => ({ kind: "findings", atMs: AT, findings });
const view = (...findings: FindingView[]) => viewOf([databaseView({ findings })]);

test("what a person reads", () => {
  const findings = [findingView(), findingView({ id: "hot-journal", severity: "warning", pids: [] }, AT)];
  const { title, lines } = pageLines(page(...findings), view(...findings), 79, UTF8);
  expect(`${title}\n\n${lines.join("\n")}`).toMatchInlineSnapshot(`
    "2 findings at 12:03:07

    error uncommitted-write: 4242 (python app.py) holds the write lock
      Nothing was written for 4 m 12 s.
      To do: End its transaction, or the process:
        sqlock kill /srv/app/db.sqlite3 --pid 4242

    (resolved)
    warning hot-journal: 4242 (python app.py) holds the write lock
      Nothing was written for 4 m 12 s.
      To do: End its transaction, or the process:
        sqlock kill /srv/app/db.sqlite3 --pid 4242
    "
  `);
});

test("none; of one of several databases; one that no longer holds since the page was opened", () => {
  expect(pageLines(page(), view(), 79, UTF8)).toEqual({
    title: "No findings at 12:03:07",
    lines: ["Nothing was found that needs attention."],
  });
  const several = viewOf([databaseView({ findings: [findingView()] }), databaseView({ path: "/b" })]);
  expect(pageLines(page(findingView()), several, 79, UTF8).lines[0]).toBe("/srv/app/db.sqlite3");
  expect(pageLines(page(findingView()), view(), 79, UTF8).lines[0]).toBe("(resolved)");
});

test("a command that is longer than the screen is wide is broken, so that all of it can be read", () => {
  const command = `sqlock kill ${"/srv/very/long".repeat(10)} --pid 4242`;
  const long = findingView({ remedy: `End it:\n  ${command}` });
  const { lines } = pageLines(page(long), view(long), 40, UTF8);
  expect(lines.filter((line) => line.length > 40)).toEqual([]);
  expect(lines.join("")).toContain(command);
});

describe("a page that is longer than the screen", () => {
  const size = { columns: 80, rows: 12 };
  const shown = (scroll: number): Interaction => ({ ...INITIAL_INTERACTION, page: { kind: "help" }, scroll });
  const frame = (scroll: number) => renderScreen(view(), shown(scroll), size, UTF8);
  const all = pageLines({ kind: "help" }, view(), 79, UTF8).lines;

  test.each([0, 1, 7])("scrolled by %d lines", (scroll) => {
    const { lines, maxScroll } = frame(scroll);
    expect(lines).toHaveLength(size.rows);
    expect(lines.slice(3, -1)).toEqual(all.slice(scroll, scroll + 8));
    expect(lines.at(-1)).toBe(`j/k scroll  Esc back  ${scroll + 1}-${scroll + 8} of ${all.length}`);
    expect(maxScroll).toBe(all.length - 8);
  });

  test("to its end, and not beyond", () => {
    expect(frame(Number.POSITIVE_INFINITY).lines.at(-2)).toBe(all.at(-1));
    expect(frame(Number.POSITIVE_INFINITY)).toEqual(frame(all.length - 8));
  });

  test("a shorter page cannot be scrolled", () => {
    const { lines, maxScroll } = renderScreen(view(), shown(0), { columns: 120, rows: 60 }, UTF8);
    expect([maxScroll, lines.at(-1)]).toEqual([0, "j/k scroll  Esc back"]);
  });
});
