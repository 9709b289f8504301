/** What one file of a recording has, without reading all of it: the start, the clocks, the end. */
import { UserError } from "../../errors.ts";
import { DocumentLines } from "../../recording/document/document-lines.ts";
import { readLine } from "../../recording/document/read-line.ts";
import { RecordingReader } from "../../recording/document/reader.ts";
import { timesOf } from "../../recording/history/times.ts";
import type { MetaLine, RecordingLine } from "../../recording/lines.ts";
import type { ClockLine } from "../../recording/state-lines.ts";
import { escapeText } from "../../text/escape.ts";
import { piecesOf, type Source } from "./source.ts";

export interface Head {
  readonly meta: MetaLine;
  /** The first; null: there is none near the beginning. */
  readonly clock: ClockLine | null;
  /** One JSON document, whose lines may be anywhere in it. */
  readonly isDocument: boolean;
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
  let isDocument = false;
  let length = 0;
  const { refused } = await readPieces(
    source,
    (line) => {
      if (line.type === "meta") meta ??= line;
      if (line.type === "clock") clock ??= line;
    },
    {
      onDocument: () => (isDocument = true),
      goesOn: (piece) => {
        length += piece.length;
        return clock === null && length < BEGINNING;
      },
    },
  );
  if (refused !== null) throw refusedError(source, refused);
  if (meta === null || !hasClock(meta)) throw notARecording(source);
  return { meta, clock, isDocument };
}

function hasClock({ startedAt, startedMonotonicNs }: MetaLine): boolean {
  return Number.isFinite(Date.parse(startedAt)) && /^\d{1,19}$/.test(startedMonotonicNs);
}

interface PieceOptions {
  readonly onDocument?: () => void;
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
}

/** The lines of a file in their order. @throws UserError, or ENOENT */
export async function readPieces(
  source: Source,
  take: (line: RecordingLine) => void,
  { onDocument, goesOn, wants, takes, onProblem }: PieceOptions = {},
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
      onDocument?.();
    }
    isFirst = false;
    const isWanted = document === null ? reader.push(piece) : pushed(document, piece);
    isStopped = !isWanted || goesOn?.(piece) === false;
    return !isStopped;
  });
  (document as DocumentLines | null)?.end();
  if (isStopped) return { refused: reader.refused, isCut: false, damaged, unknown, firstDamaged };
  const { refused } = reader.end();
  isCut ||= !isWhole || (document as DocumentLines | null)?.isCut === true;
  return { refused, isCut, damaged, unknown, firstDamaged };
}

function pushed(document: DocumentLines, piece: string): boolean {
  document.push(piece);
  return true;
}

const CLOCK = '{"type":"clock"';
const SUMMARY = '{"type":"summary"';
/** In characters: what is looked at of the end. */
const TAIL = 256 * 1024;
/** A longer line is not looked at. */
const LONGEST = 4 * 1024 * 1024;

/** All clocks, and the end, of a file that has one line a record: without parsing the others. */
export async function scanOf(source: Source, { isDocument }: Head): Promise<Scan> {
  if (isDocument) return scanOfDocument(source);
  const clocks: ClockLine[] = [];
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
  return { clocks, toMs: latest(ends), isComplete };
}

/** Of a summary, by the beginning of its text; null: it is none. */
function durationOf(json: string): number | null {
  const text = /^\{\s*"type":\s*"summary",\s*"durationMs":\s*([\d.e+-]+)\s*[,}]/.exec(json)?.[1];
  return text === undefined || !Number.isFinite(Number(text)) ? null : Number(text);
}

async function scanOfDocument(source: Source): Promise<Scan> {
  const clocks: ClockLine[] = [];
  let toMs: number | null = null;
  let durationMs: number | null = null;
  const take = (line: RecordingLine) => {
    if (line.type === "clock") clocks.push(line);
    toMs = latest([toMs, endOf(line)]);
  };
  await readPieces(source, take, {
    wants: (json) => {
      durationMs ??= durationOf(json);
      return true;
    },
  });
  return { clocks, toMs: durationMs ?? toMs, isComplete: durationMs !== null };
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
