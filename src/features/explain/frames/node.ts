/** Stacks of Node.js, Bun and Deno: after the message, the innermost frame first. Pure. */
import { type Frame, isAny, linesOfStack, named, type StackFormat } from "./frame.ts";

/** `:12:7)` at the end, before what the fields of the error begin with, or what ends a JSON record. */
const PLACE = /:(\d{1,9}):\d{1,9}(\))?[\s"'{},\]]{0,20}$/;
/** A log may have something before it. */
const AT = /(?:^|\s\s|\t)at (?:async )?/;
/** What is printed in place of frames, or before them by sqlite3 (verbose). */
const PART = /^\s*at |^\s*\.{3} \d+ lines matching|^--> in /;

export const NODE: StackFormat = {
  language: "Node.js",
  cause: "last",
  stackOf(lines, at) {
    return linesOfStack(lines, at, (text) => PART.test(text) || frameOf(text) !== null).flatMap(
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
  const open = place[2] === undefined ? -1 : body.indexOf(" (");
  const file = pathOf(body.slice(open < 0 ? 0 : open + 2));
  const name = named(open < 0 ? undefined : body.slice(0, open).replace(/ \[as [^\]]{1,200}\]$/, ""));
  return { file, line: Number(place[1]), function: name, own: !isAny(LIBRARY, file) };
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

const LIBRARY: readonly RegExp[] = [
  /[/\\]node_modules[/\\]|[/\\]\.yarn[/\\]/,
  /^(?:node:|internal[/\\]|bun:|ext:|npm:|jsr:|https?:|native\b|evalmachine|eval at )/,
  // `events.js:200`, a file of older releases of Node.js itself.
  /^\w+\.js$/,
  // `<anonymous>`.
  /[<>]|^$/,
];
