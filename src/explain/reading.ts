/** What the lines around a message tell: who said it, with which extended code, and how long it had waited. Pure. */
import { timeoutIn } from "./busy-timeout.ts";
import { extendedOf } from "./codes.ts";
import { elapsedIn } from "./elapsed.ts";
import type { Entry, ExtendedCode } from "./entry.ts";
import { LANGUAGE_CLUES, LIBRARIES, type LibraryId, libraryOf, wraps } from "./libraries.ts";
import type { Seen } from "./recognise.ts";
import type { LogTime } from "./times.ts";

export interface Reading {
  readonly line: number;
  /** The line, or what is around the message in a long one. Untrusted. */
  readonly text: string;
  readonly library: LibraryRead | null;
  /** Also where the library cannot be told. */
  readonly language: string | null;
  readonly extended: ExtendedCode | null;
  readonly elapsed: LogTime | null;
  readonly timeout: LogTime | null;
}

export interface LibraryRead {
  readonly id: LibraryId;
  /** Whether the message itself has its form, or other lines near it tell. */
  readonly from: "wording" | "nearby";
  readonly line: number;
}

interface HitAt {
  readonly at: number;
  readonly start: number;
  readonly libraries: readonly LibraryId[];
}

export function readOccurrence(entry: Entry, lines: readonly Seen[], hits: readonly HitAt[]): Reading {
  const ats = hits.map((hit) => hit.at);
  const library = readLibrary(lines, hits);
  // Of a chain of exceptions, the one that reached the program.
  const shown =
    hits.find((hit) => library !== null && (hit.libraries.includes(library.id) || withClue(lines[hit.at]?.text ?? "").includes(library.id))) ?? hits[0];
  const line = lines[shown?.at ?? 0];
  const own = lines.map((each, i) => ({ ...each, i })).filter((each) => !(each.hit && !ats.includes(each.i)));
  const others = new Set(lines.flatMap((each, i) => (each.hit && !ats.includes(i) ? [i] : [])));
  const language = library === null ? languageOf(lines, ats) : libraryOf(library.id).language;
  return {
    line: line?.number ?? 0,
    text: around(line?.text ?? "", shown?.start ?? 0),
    library,
    language,
    extended: extendedOf(entry, lines, ats, others)?.code ?? null,
    elapsed: elapsedIn(lines, ats),
    timeout: timeoutIn(
      own.map((each) => each),
      Math.max(...ats),
      library === null ? null : (libraryOf(library.id).timeoutUnit ?? null),
    ),
  };
}

/** What the line of the message says; else the nearest that tells. Then whoever passes that library's errors on, where it shows near the message. */
function readLibrary(lines: readonly Seen[], hits: readonly HitAt[]): LibraryRead | null {
  const center = Math.max(...hits.map((hit) => hit.at));
  const clues = lines
    .flatMap((line, i) => withClue(line.text).map((id) => ({ id, line: line.number, at: i, far: Math.abs(i - center) })))
    .sort((a, b) => a.far - b.far);
  const said = hits.flatMap((hit) => {
    const line = lines[hit.at];
    return [...hit.libraries, ...withForm(line?.text ?? ""), ...withClue(line?.text ?? "")].map((id) => ({ id, line: line?.number ?? 0 }));
  });
  const outermost = said.find((each) => !said.some((other) => wraps(other.id, each.id))) ?? said[0];
  const nearest = clues[0];
  let found: LibraryRead | null =
    outermost !== undefined ? { ...outermost, from: "wording" } : nearest === undefined ? null : { id: nearest.id, line: nearest.line, from: "nearby" };
  for (let outer = outerOf(found, clues); outer !== undefined; outer = outerOf(found, clues)) found = { id: outer.id, line: outer.line, from: "nearby" };
  return found;
}

function outerOf<Clue extends { readonly id: LibraryId }>(found: LibraryRead | null, clues: readonly Clue[]): Clue | undefined {
  return found === null ? undefined : clues.find((clue) => wraps(clue.id, found.id));
}

const IDS = Object.keys(LIBRARIES) as LibraryId[];

function withClue(text: string): LibraryId[] {
  return IDS.filter((id) => libraryOf(id).clues.some((clue) => clue.test(text)));
}

function withForm(text: string): LibraryId[] {
  return IDS.filter((id) => libraryOf(id).forms?.some((form) => form.test(text)) === true);
}

function languageOf(lines: readonly Seen[], hits: readonly number[]): string | null {
  const center = Math.max(...hits);
  const nearest = lines.map((line, i) => ({ text: line.text, far: Math.abs(i - center) })).sort((a, b) => a.far - b.far);
  for (const { text } of nearest) {
    const found = LANGUAGE_CLUES.find(({ clue }) => clue.test(text));
    if (found !== undefined) return found.language;
  }
  return null;
}

const MOST_BEFORE = 120;
const MOST_SHOWN = 300;

function around(text: string, start: number): string {
  if (text.length <= MOST_SHOWN) return text.trim();
  const from = Math.max(0, start - MOST_BEFORE);
  const piece = text.slice(from, from + MOST_SHOWN).trim();
  return `${from > 0 ? "..." : ""}${piece}${from + MOST_SHOWN < text.length ? "..." : ""}`;
}
