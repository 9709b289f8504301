/** Which files a recording consists of: what stands on the command line is a file, a folder of segments, or stdin. */
import { readdirSync, readSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { bySegment, segmentOf } from "../record/segments/names.ts";
import { noFile, type Source } from "./source.ts";

/** Of what comes from stdin, compressed or not. */
const MOST_FROM_STDIN = 512 * 1024 * 1024;

export interface FoundSource extends Source {
  /** It lies in a folder that was given: its recorder may remove or compress it at any time. */
  readonly isSegment: boolean;
}

/** Each file once. @throws UserError */
export function sourcesOf(paths: readonly string[]): FoundSource[] {
  const seen = new Set<string>();
  return paths.flatMap((path) => {
    if (path === "-") return [stdinSource()];
    const stats = statsOf(path);
    if (stats.isDirectory()) return segmentsIn(path, seen);
    if (!stats.isFile()) throw noFile(path);
    return isNew(stats, seen) ? [{ name: path, path, isSegment: false, size: stats.size }] : [];
  });
}

/** Null: it is neither there nor compressed by now. */
export function currentPath(path: string): string | null {
  for (const each of [path, `${path}.gz`])
    if (statSync(each, { throwIfNoEntry: false })?.isFile() === true) return each;
  return null;
}

function segmentsIn(folder: string, seen: Set<string>): FoundSource[] {
  const names = namesIn(folder);
  const segments = names
    .flatMap((name) => {
      const of = segmentOf(name);
      return of === null ? [] : { name, of };
    })
    .sort((a, b) => bySegment(a.of, b.of) || a.name.length - b.name.length)
    .map(({ name }) => name);
  if (segments.length === 0) {
    const others = names.filter((name) => /\.jsonl(?:\.gz)?$/.test(name)).length;
    throw new UserError(
      "not-a-recording",
      others === 0
        ? `${escapeText(folder)} has no segments of a recording`
        : `${escapeText(folder)} has no segments of a recording, but ${count(others, "other .jsonl file")}`,
      others === 0
        ? "give the folder of sqlock record --keep, or a file of sqlock record -o"
        : "give such a file itself",
    );
  }
  // one that is being compressed is there twice for a moment
  const whole = segments.filter((name, i) => segments[i + 1] !== `${name}.gz`);
  return whole.flatMap((name) => {
    const path = join(folder, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && !(stats.isFile() && isNew(stats, seen))) return [];
    return [{ name: path, path, isSegment: true, size: stats?.size ?? 0 }];
  });
}

function isNew({ dev, ino }: Stats, seen: Set<string>): boolean {
  const key = `${dev} ${ino}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

function statsOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw readError(path, error);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw readError(folder, error);
  }
}

const CAUSES: Readonly<Record<string, readonly [code: string, text: string, hint: string] | undefined>> = {
  ENOENT: ["no-such-file", "does not exist", "give the file or folder of a recording"],
  ENOTDIR: ["no-such-file", "does not exist: a part of its path is a file", "give the file or folder of a recording"],
  EACCES: ["no-permission", "cannot be read: no permission", "read it as the user who recorded it, or with sudo"],
  ELOOP: ["no-such-file", "cannot be read: its links lead in a circle", "give the file or folder of a recording"],
};

/** A UserError for what the system says; other errors as they are. */
export function readError(name: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof UserError || code === undefined) return error;
  const [id, text, hint] = CAUSES[code] ?? ["cannot-read", `cannot be read (${code})`, "is its disk in order?"];
  return new UserError(id, `${escapeText(name)} ${text}`, hint);
}

function stdinSource(): FoundSource {
  const pieces: Buffer[] = [];
  let length = 0;
  for (;;) {
    const piece = Buffer.allocUnsafe(1024 * 1024);
    let read = 0;
    try {
      read = readSync(0, piece, 0, piece.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") {
        Atomics.wait(PAUSE, 0, 0, 5);
        continue;
      }
      if ((error as NodeJS.ErrnoException).code !== "EOF") throw readError("stdin", error);
    }
    if (read === 0) return { name: "stdin", path: null, bytes: Buffer.concat(pieces), isSegment: false };
    pieces.push(piece.subarray(0, read));
    length += read;
    if (length > MOST_FROM_STDIN)
      throw new UserError("too-large", "what comes from stdin is too large", "write it to a file, and give that");
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
