/** What one file of a recording has, without reading all of it: the start, the clocks, the end. */
import { UserError } from "../../errors.ts";
import { DocumentLines } from "../../recording/document/document-lines.ts";
import { readLine } from "../../recording/document/read-line.ts";
import { RecordingReader } from "../../recording/document/reader.ts";
import { isObject } from "../../recording/document/shape.ts";
import { timesOf } from "../../recording/history/times.ts";
import type { MetaLine, RecordingLine } from "../../recording/lines.ts";
import type { ClockLine } from "../../recording/state-lines.ts";
import { escapeText } from "../../text/escape.ts";
import { OneRun } from "./one-run.ts";
import { piecesOf, type Source } from "./source.ts";

export interface Head {
  readonly meta: MetaLine;
  /** The first; null: there is none near the beginning. */
  readonly clock: ClockLine | null;
  /** As record writes it: one line a record, each with its type in front. Else all of it is parsed. */
  readonly isPlain: boolean;
}

export interface Scan {
  readonly clocks: readonly ClockLine[];
  /** The latest time of what it has; null: it has none. */
  readonly toMs: number | null;
  readonly isComplete: boolean;
}

/** In characters: the beginning has the `meta`, the clock and the processes. */
const BEGINNING = 1024 * 1024;

/** @throws UserError where it is none */
export async function headOf(source: Source): Promise<Head> {
  let meta: MetaLine | null = null;
  let clock: ClockLine | null = null;
  let isPlain: boolean | null = null;
  let length = 0;
  const { refused } = await readPieces(
    source,
    (line) => {
      if (line.type === "meta") meta ??= line;
      if (line.type === "clock") clock ??= line;
    },
    {
      goesOn: (piece) => {
        isPlain ??= piece.startsWith(META);
        length += piece.length;
        return clock === null && length < BEGINNING;
      },
    },
  );
  if (refused !== null) throw refusedError(source, refused);
  if (meta === null || !hasClock(meta)) throw notARecording(source);
  return { meta, clock, isPlain: isPlain === true };
}

function hasClock({ startedAt, startedMonotonicNs }: MetaLine): boolean {
  return Number.isFinite(Date.parse(startedAt)) && /^\d{1,19}$/.test(startedMonotonicNs);
}

interface PieceOptions {
  readonly goesOn?: (piece: string) => boolean;
  readonly wants?: (json: string) => boolean;
  readonly takes?: (text: string, from: number, end: number) => boolean;
  readonly onProblem?: () => void;
}

export interface ReadPieces {
  readonly refused: { readonly kind: "not-a-recording" | "newer"; readonly schemaVersion: number | null } | null;
  /** It ends within a line, or within what is compressed: it is being written, or damaged. */
  readonly isCut: boolean;
  /** Lines that could not be read, but for a last one that is cut. */
  readonly damaged: number;
  /** Of these, of kinds that this version does not know. */
  readonly unknown: number;
  readonly firstDamaged: number | null;
  /** It has a summary: its recorder came to its end. */
  readonly isComplete: boolean;
}

/** The lines of a file in their order. @throws UserError, or ENOENT */
export async function readPieces(
  source: Source,
  take: (line: RecordingLine) => void,
  { goesOn, wants, takes, onProblem }: PieceOptions = {},
): Promise<ReadPieces> {
  let [damaged, unknown] = [0, 0];
  let isCut = false;
  let firstDamaged: number | null = null;
  const reader = new RecordingReader(take, {
    ...(wants !== undefined && { wants }),
    ...(takes !== undefined && { takes }),
    onProblem: (problem) => {
      if (problem.kind === "cut") {
        isCut = true;
        return;
      }
      damaged++;
      if (problem.kind === "unknown-type") unknown++;
      else firstDamaged ??= problem.line;
      onProblem?.();
    },
  });
  let document: DocumentLines | null = null;
  let isFirst = true;
  let isStopped = false;
  const isWhole = await piecesOf(source, (piece) => {
    if (isFirst && DocumentLines.isOne(piece)) {
      document = new DocumentLines((line) => reader.push(`${line}\n`));
    }
    isFirst = false;
    const isWanted = document === null ? reader.push(piece) : pushed(document, piece);
    isStopped = !isWanted || goesOn?.(piece) === false;
    return !isStopped;
  });
  (document as DocumentLines | null)?.end();
  if (isStopped) return { refused: reader.refused, isCut: false, damaged, unknown, firstDamaged, isComplete: false };
  const { refused, isComplete } = reader.end();
  isCut ||= !isWhole || (document as DocumentLines | null)?.isCut === true;
  return { refused, isCut, damaged, unknown, firstDamaged, isComplete };
}

function pushed(document: DocumentLines, piece: string): boolean {
  document.push(piece);
  return true;
}

const META = '{"type":"meta"';
const CLOCK = '{"type":"clock"';
const SUMMARY = '{"type":"summary"';
/** In characters: what is looked at of the end, before all is read. */
const TAIL = 256 * 1024;
/** A longer line is not looked at. */
const LONGEST = 4 * 1024 * 1024;

/** All clocks, and the end: without parsing the other lines, where it can be known so. @throws UserError */
export async function scanOf(source: Source, head: Head): Promise<Scan> {
  if (!head.isPlain) return scanOfAll(source);
  const clocks: ClockLine[] = [];
  const one = new OneRun(source);
  let durationMs: number | null = null;
  let tail = "";
  let open = "";
  const found = (text: string, word: string, take: (json: string) => void) => {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (at > 0 && text[at - 1] !== "\n") continue;
      const end = text.indexOf("\n", at);
      take(text.slice(at, end < 0 ? text.length : end));
    }
  };
  const take = (text: string) => {
    found(text, META, (json) => {
      const { line } = readLine(json, 0);
      if (line?.type === "meta") one.add(line);
    });
    found(text, CLOCK, (json) => {
      const { line } = readLine(json, 0);
      if (line?.type === "clock") clocks.push(line);
    });
    found(text, SUMMARY, (json) => {
      durationMs = durationOf(json) ?? Number.NaN;
    });
    tail = text.length >= TAIL ? text.slice(-TAIL) : (tail + text).slice(-TAIL);
  };
  await piecesOf(source, (piece) => {
    const text = open + piece;
    const end = text.lastIndexOf("\n") + 1;
    open = text.length - end > LONGEST ? "" : text.slice(end);
    if (end > 0) take(text.slice(0, end));
    return true;
  });
  take(`${open}\n`);
  const isComplete = durationMs !== null;
  if (isComplete && Number.isFinite(durationMs)) return { clocks, toMs: durationMs, isComplete };
  const ends = tail.split("\n").map((json) => (json.length < LONGEST ? endOf(readLine(json, 0).line) : null));
  const toMs = latest(ends);
  // garbage at its end hides all that is before
  return toMs === null ? scanOfAll(source) : { clocks, toMs, isComplete };
}

/** Of a summary; null: it is none, or does not say it. */
function durationOf(json: string): number | null {
  if (!json.includes('"summary"')) return null;
  const text = SUMMARY_START.exec(json)?.[1];
  const ms: unknown = text === undefined ? parsedDuration(json) : Number(text);
  return typeof ms === "number" && Number.isFinite(ms) ? ms : null;
}

const SUMMARY_START = /^\{\s*"type"\s*:\s*"summary"\s*,\s*"durationMs"\s*:\s*([\d.e+-]+)\s*[,}]/;

function parsedDuration(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) && value["type"] === "summary" ? value["durationMs"] : null;
  } catch {
    return null;
  }
}

async function scanOfAll(source: Source): Promise<Scan> {
  const clocks: ClockLine[] = [];
  const one = new OneRun(source);
  let toMs: number | null = null;
  let durationMs: number | null = null;
  const take = (line: RecordingLine) => {
    if (line.type === "meta") one.add(line);
    if (line.type === "clock") clocks.push(line);
    toMs = latest([toMs, endOf(line)]);
  };
  const { isComplete } = await readPieces(source, take, {
    wants: (json) => {
      durationMs = durationOf(json) ?? durationMs;
      return true;
    },
  });
  return { clocks, toMs: durationMs ?? toMs, isComplete };
}

/** Null: it does not say until when. */
function endOf(line: RecordingLine | null): number | null {
  const times = line === null ? null : timesOf(line);
  return times === null ? null : Number.isFinite(times.toMs) ? times.toMs : times.fromMs;
}

function latest(times: readonly (number | null)[]): number | null {
  let last: number | null = null;
  for (const each of times) if (each !== null && (last === null || each > last)) last = each;
  return last;
}

export function notARecording({ name }: Source): UserError {
  return new UserError(
    "not-a-recording",
    `${escapeText(name)} is not a recording of sqlock`,
    "give the file of sqlock record -o, or the folder of sqlock record --keep",
  );
}

export function refusedError(source: Source, refused: NonNullable<ReadPieces["refused"]>): UserError {
  if (refused.kind === "not-a-recording") return notARecording(source);
  return new UserError(
    "newer-recording",
    `${escapeText(source.name)} was recorded by a later version of sqlock (schema ${refused.schemaVersion})`,
    "update sqlock, and try again",
  );
}
