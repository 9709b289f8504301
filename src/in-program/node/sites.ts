/** Places in the program: each is found once, told once, and known by its frames from then on. */
import { type Frame, ownerOf, rawFrames, writtenStack } from "./frames.ts";
import { own } from "./own.ts";
import type { AnyFunction } from "./replace.ts";
import type { Definition, Stream } from "./stream.ts";

const MOST_SITES = 2000;
const MOST_FRAMES = 3;
/** Tried one after the other until a frame of the program is among them: a frame costs 0.8 us. */
const DEPTHS = [4, 30, 200];

export class Sites {
  readonly #stream: Stream;
  readonly #known = new Map<string, Definition>();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Where the caller of `above` is. */
  at(above: AnyFunction): Definition | undefined {
    try {
      return this.#find(above);
    } catch {
      return undefined; // Error is frozen, say
    }
  }

  #find(above: AnyFunction): Definition | undefined {
    let frames: Frame[] = [];
    let depth = 0;
    for (depth of DEPTHS) {
      frames = rawFrames(above, depth);
      if (frames.some(({ owner }) => owner === "program")) break;
    }
    const isLibrary = !frames.some(({ owner }) => owner === "program");
    const told = frames.filter(({ owner }) => owner === (isLibrary ? "library" : "program")).slice(0, MOST_FRAMES);
    if (told.length === 0) return undefined;
    const key = told.map(({ file, line, column }) => `${file}:${line}:${column}`).join("\n");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST_SITES) this.#known.clear();
    const written = mapped(above, depth, isLibrary, told) ?? told;
    const fields = written.map(({ file, line, name }) => [pathOf(file), line, name]);
    const site = this.#stream.define("site", [fields, isLibrary]);
    this.#known.set(key, site);
    return site;
  }
}

/** By the program's own source maps: only where it has something that writes other lines than V8's. */
function mapped(
  above: AnyFunction,
  depth: number,
  isLibrary: boolean,
  raw: readonly Frame[],
): readonly Frame[] | undefined {
  const isMapped = (process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled === true;
  if (Error.prepareStackTrace === own.prepareStackTrace && !isMapped) return undefined;
  const stack = writtenStack(above, depth);
  if (stack === null) return undefined;
  const frames = parsed(stack).filter(({ owner }) => owner === (isLibrary ? "library" : "program"));
  if (frames.length === 0) return undefined;
  // A source map may have the name of what is called there: V8 knows the function's own.
  return frames.slice(0, MOST_FRAMES).map((frame, index) => ({ ...frame, name: raw[index]?.name ?? null }));
}

const LINE = /^\s*(?:at|->) (?:async )?(?:(.*?) \()?((?:file:\/\/)?[^()\s][^()]*?):(\d+)(?::(\d+))?\)?$/;

function parsed(stack: string): Frame[] {
  const frames: Frame[] = [];
  for (const text of stack.split("\n")) {
    const [, name = "", file, line, column = "0"] = LINE.exec(text) ?? [];
    if (file === undefined) continue;
    const own = name.replace(/^(?:new |Object\.|async )+/, "");
    const shown = own === "" || own === "<anonymous>" ? null : own.replace(/ \[as .*\]$/, "");
    frames.push({ file, line: Number(line), column: Number(column), name: shown, owner: ownerOf(file) });
  }
  return frames;
}

/** file://, with the query that a loader puts behind it, as a path. */
function pathOf(file: string): string {
  if (!file.startsWith("file://")) return file;
  const path = file.slice("file://".length).replace(/[?#].*$/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
