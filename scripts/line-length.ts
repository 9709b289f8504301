/**
 * `npm run check`: no line of code is longer than 120 columns. Biome breaks code there, but no string, comment or
 * pattern. A line that cannot be split (a URL, a regular expression) has `long-line:` and why in a comment above it;
 * several (output as it is printed) stand between `long-lines:` and why, and `long-lines end`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const MAX_COLUMNS = 120;
const FOLDERS = ["src", "test", "scripts", "bin"];
const CODE = /\.(ts|js|py)$/;
/** As programs print it. */
const FIXTURES = /^test\/fixtures\//;
const MARK = /\blong-line: \S/;
const BEGIN = /\blong-lines: \S/;
const END = /\blong-lines end\b/;

const inFolders = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
);
const atTop = readdirSync(".").filter((name) => name.endsWith(".config.ts"));
const files = [...inFolders, ...atTop].filter((path) => CODE.test(path) && !FIXTURES.test(path));

const tooLong = files.flatMap((path) => linesTooLong(path, readFileSync(path, "utf8")));
for (const line of tooLong) console.error(line);
if (tooLong.length > 0) {
  console.error(`${tooLong.length} lines are longer than ${MAX_COLUMNS} columns`);
  process.exitCode = 1;
}

function linesTooLong(path: string, text: string): string[] {
  let marked = false;
  let between = false;
  return text.split("\n").flatMap((line, at) => {
    const columns = [...line].length;
    const isTooLong = columns > MAX_COLUMNS && !marked && !between;
    marked = MARK.test(line);
    between = (between || BEGIN.test(line)) && !END.test(line);
    return isTooLong ? [`${path}:${at + 1}: ${columns} columns`] : [];
  });
}
