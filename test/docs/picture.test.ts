/**
 * The pictures of the README: a new one contains everything that a real terminal shows; and the existing ones.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { heldDatabase } from "../../scripts/picture/held.ts";
import { recordScreen } from "../../scripts/picture/pictures.ts";
import { svgOf } from "../../scripts/picture/svg.ts";
import { screenOf } from "../../scripts/picture/terminal.ts";
import { ROOT } from "../support/root.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { needTracing } from "../support/tracefs.ts";

/** Its text, line by line, with each piece at its column. @throws AssertionError if it is not well-formed */
async function linesOf(svg: string): Promise<string[]> {
  const { errors } = await validateXML({ xml: [{ fileName: "picture.svg", contents: svg }], normalization: "format" });
  expect(errors).toEqual([]);
  const lines: string[] = [];
  for (const [, x, y, text = ""] of svg.matchAll(/<text x="([\d.]+)" y="(\d+)"[^>]*>([^<]*)<\/text>/g)) {
    const row = (Number(y) - 30) / 18;
    const column = Math.round((Number(x) - 16) / 8.4);
    lines[row] =
      (lines[row] ?? "").padEnd(column) +
      text
        .replaceAll("&apos;", "'")
        .replaceAll("&quot;", '"')
        .replaceAll("&gt;", ">")
        .replaceAll("&lt;", "<")
        .replaceAll("&amp;", "&");
  }
  return Array.from(lines, (line) => line ?? "");
}

test("npm run picture: text, places and colours are those of the screen", async (context) => {
  need(context, isRoot, "root");
  for (const program of ["tmux", "nsenter", "python3"]) need(context, has(program), program);
  const held = await heldDatabase(1);
  onTestFinished(held.end);
  const screen = await screenOf({
    command: "sqlock who-holds --stale-after 500ms db.sqlite3",
    folder: held.folder,
    columns: 104,
    through: held.through,
  });
  const plain = screen.replace(/\x1b\[[\d;]*m/g, "");
  expect(plain).toMatch(/^\$ sqlock who-holds --stale-after 500ms db\.sqlite3\nLocked for writers: \d+ \(python3 /);
  expect(plain).toContain("\n/srv/app/db.sqlite3: WAL mode");
  expect(plain).toContain("error uncommitted-write");
  const svg = svgOf(screen, 104, "a title & more");
  expect(await linesOf(svg)).toEqual(plain.split("\n").map((line) => line.trimEnd()));
  expect(svg).toContain('<title id="title">a title &amp; more</title>');
  expect(svg).toMatch(/fill="#ff8a80"[^>]*>writing</);
});

test("npm run picture: the end of a recording fits its terminal, with its statements", async (context) => {
  need(context, isRoot, "root");
  needTracing(context);
  for (const program of ["tmux", "nsenter", "python3"]) need(context, has(program), program);
  const screen = await recordScreen({ seconds: 5, columns: 112 });
  const plain = screen.replace(/\x1b\[[\d;]*m/g, "");
  const verdict = plain.replace(/\n/g, " ");
  expect(verdict).toMatch(/3 writers waited .* got SQLITE_BUSY 3 times; .* behind \d+ \(python3 manage.py import\)/);
  expect(verdict).toContain("between `BEGIN IMMEDIATE` and `COMMIT`");
  expect(plain).toContain("BEGIN IMMEDIATE; INSERT INTO article (title) VALUES (?) x 20; COMMIT");
  expect(plain).toMatch(/warning: .* kept a write transaction open/);
  expect(plain).toMatch(/\nRecorded for 5\.\d s; source: the kernel's .* \(exact\)\.$/);
  expect(await linesOf(svgOf(screen, 112, "x"))).toEqual(plain.split("\n").map((line) => line.trimEnd()));
});

const EXISTING = [
  {
    name: "who-holds",
    title: "A terminal: sqlock who-holds db.sqlite3 names the process",
    parts: [
      "$ sqlock who-holds db.sqlite3\nLocked for writers: ",
      "\n/srv/app/db.sqlite3: WAL mode, ",
      "error uncommitted-write: ",
      "warning checkpoint-starved: ",
      "To do: ",
    ],
  },
  {
    name: "record",
    title: "A terminal: sqlock record --for 10s db.sqlite3 shows which processes",
    parts: [
      "$ sqlock record --for 10s db.sqlite3\nrecording /srv/app/db.sqlite3; source: the kernel's lock events",
      "3 writers waited ",
      "\nWaits, longest first\n",
      ": UPDATE session SET seen = ? WHERE id = ?\n",
      "BEGIN IMMEDIATE; INSERT INTO article (title) VALUES (?) x 20; COMMIT",
      "\nWhat to change\n  warning: ",
      "Do slow work (network",
    ],
  },
] as const;

test.each(EXISTING)("docs/$name.svg", async ({ name, title, parts }) => {
  const svg = readFileSync(join(ROOT, `docs/${name}.svg`), "utf8");
  expect(svg.length).toBeLessThan(40_000);
  expect(svg).toContain(`<title id="title">${title}`);
  expect(svg).not.toMatch(/\/(tmp|root|home|work)\b/);
  const text = (await linesOf(svg)).join("\n");
  for (const part of parts) expect(text).toContain(part);
});
