/** Stacks of Node.js, Bun and Deno, of Jest and Vitest as well: after the message, the innermost frame first. Pure. */
import { type Frame, isAny, linesOfStack, named, type StackFormat } from "./frame.ts";

/** `:12:7)` at the end, before what the fields of the error begin with, or what ends a JSON record. */
const PLACE = /:(\d{1,9}):\d{1,9}(\))?[\s"'{},\]]{0,20}$/;
/** A log may have something before it. Vitest prints `❯ save store.js:4:47`. */
const AT = /(?:^|\s\s|\t)at (?:async )?|^ ❯ /;
/** What is printed in place of frames; before them by sqlite3 (verbose); the source, which test runners show. */
const PARTS: readonly RegExp[] = [/^\s*at |^\s*\.{3} \d+ lines matching|^--> in /, /^\s*(?:> *)?\d* ?\|/];

export const NODE: StackFormat = {
  language: "Node.js",
  cause: "last",
  stackOf(lines, at) {
    return linesOfStack(lines, at, (text) => isAny(PARTS, text) || frameOf(text) !== null).flatMap(
      (text) => frameOf(text) ?? [],
    );
  },
};

/** `at save (/srv/app.js:3:9)`, `at /srv/app.js:3:9`. */
function frameOf(text: string): Frame | null {
  const place = PLACE.exec(text);
  const at = place === null ? null : AT.exec(text);
  if (place === null || at === null || at.index > place.index) return null;
  const body = text.slice(at.index + at[0].length, place.index);
  const ofVitest = at[0] === " ❯ ";
  const open = ofVitest ? body.lastIndexOf(" ") : place[2] === undefined ? -1 : body.indexOf(" (");
  const file = pathOf(body.slice(open < 0 ? 0 : open + (ofVitest ? 1 : 2)));
  const name = named(open < 0 ? undefined : body.slice(0, open).replace(/ \[as [^\]]{1,200}\]$/, ""));
  const own = !isAny(LIBRARY, file) && (ofVitest || !OF_OLD_NODE.test(file));
  return { file, line: Number(place[1]), function: name, own };
}

function pathOf(file: string): string {
  if (!file.startsWith("file://")) return file;
  const path = file.slice("file://".length);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** `events.js:200`, a file of older releases of Node.js itself. */
const OF_OLD_NODE = /^\w+\.js$/;

const LIBRARY: readonly RegExp[] = [
  /(?:^|[/\\])node_modules[/\\]|[/\\]\.yarn[/\\]/,
  /^(?:node:|internal[/\\]|bun:|ext:|npm:|jsr:|https?:|native\b|evalmachine|eval at )/,
  // `<anonymous>`.
  /[<>]|^$/,
];
