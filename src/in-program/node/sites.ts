/** Places in the program: each is found once, told once, and known by its frames from then on. */
import { type Frame, rawFrames, writtenStack } from "./frames.ts";
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
    if (told.length === 0 || (!isLibrary && isCompiledElsewhere())) return undefined;
    const key = told.map(({ file, line, column }) => `${file}:${line}:${column}`).join("\n");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST_SITES) this.#known.clear();
    const written = isMapped() ? mapped(above, depth, told) : told;
    const fields = written.map(({ file, line, name }) => [pathOf(file), line, name]);
    const site = this.#stream.define("site", [fields, isLibrary]);
    this.#known.set(key, site);
    return site;
  }
}

/**
 * The program has source maps: Node.js's own, or something that writes stacks by them. What it writes stacks with for
 * another purpose is not called: it could tell, or do, anything.
 */
function isMapped(): boolean {
  if ((process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled === true) return true;
  const { prepareStackTrace } = Error;
  if (prepareStackTrace === own.prepareStackTrace || typeof prepareStackTrace !== "function") return false;
  return /wrapCallSite|source.?map/i.test(Function.prototype.toString.call(prepareStackTrace));
}

/**
 * In vitest's pools vmThreads and vmForks, up to its version 3, the source maps are those of another context, where
 * they cannot be asked: the lines would be those of the compiled code, with the name of the source.
 */
function isCompiledElsewhere(): boolean {
  const { env, __tinypool_state__: worker } = process as { env: NodeJS.ProcessEnv; __tinypool_state__?: unknown };
  return worker !== undefined && env["VITEST"] !== undefined && !isMapped();
}

/** Each frame as the program's own source maps write it: whose it is, and its name, V8 knows. */
function mapped(above: AnyFunction, depth: number, raw: readonly Frame[]): readonly Place[] {
  const lines = linesOf(writtenStack(above, depth) ?? "");
  return raw.map((frame) => ({ ...frame, ...placeIn(lines[frame.place]) }));
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly name: string | null;
}

const LINE = /^\s*(?:at|->) (?:async )?(?:(.*?) \()?((?:file:\/\/)?[^()\s][^()]*?):(\d+)(?::(\d+))?\)?$/;

/** One for each frame. */
function linesOf(stack: string): string[] {
  return stack.split("\n").filter((line) => /^\s*(?:at|->) /.test(line));
}

/** Nothing: it is not written as V8 does. */
function placeIn(text: string | undefined): Partial<Place> {
  const [, , file, line] = LINE.exec(text ?? "") ?? [];
  return file === undefined ? {} : { file, line: Number(line) };
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
