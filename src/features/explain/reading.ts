/** What the lines around a message show: its library, its extended code, and how long it had waited. Pure. */
import { timeoutIn } from "./busy-timeout.ts";
import { extendedOf } from "./codes.ts";
import { elapsedIn } from "./elapsed.ts";
import type { Entry, ExtendedCode } from "./entry.ts";
import { type RaisedAt, raisedAt } from "./frames/index.ts";
import { LANGUAGE_CLUES, LIBRARIES, type LibraryId, libraryOf, wraps } from "./libraries.ts";
import type { ContextLine } from "./recognise.ts";
import type { LogTime } from "./times.ts";

export interface Reading {
  readonly line: number;
  /** The line, or what is around the message in a long one. Untrusted. */
  readonly text: string;
  readonly library: LibraryRead | null;
  /** Also where the library is not known. */
  readonly language: string | null;
  readonly extended: ExtendedCode | null;
  readonly elapsed: LogTime | null;
  readonly timeout: LogTime | null;
  /** Null: no stack stands beside it, or none of it is the user's own code. */
  readonly raisedAt: RaisedAt | null;
}

export interface LibraryRead {
  readonly id: LibraryId;
  /** `wording`: the message has its form; `nearby`: other lines near it show the library. */
  readonly from: "wording" | "nearby";
  readonly line: number;
}

/** Where a message stands: the index of its line, and the column. */
export interface HitPosition {
  readonly at: number;
  readonly start: number;
  readonly libraries: readonly LibraryId[];
}

/** `earlier`: lines before those that belong to the message, in which its stack may begin. */
export function readOccurrence(
  entry: Entry,
  lines: readonly ContextLine[],
  hits: readonly HitPosition[],
  earlier: readonly ContextLine[] = [],
): Reading {
  const ats = hits.map((hit) => hit.at);
  const library = readLibrary(lines, hits);
  // Of a chain of exceptions, the one that reached the program.
  const shown =
    hits.find(
      (hit) =>
        library !== null &&
        (hit.libraries.includes(library.id) || withClue(lines[hit.at]?.text ?? "").includes(library.id)),
    ) ?? hits[0];
  const line = lines[shown?.at ?? 0];
  const own = lines.map((each, i) => ({ ...each, i })).filter((each) => !(each.hit && !ats.includes(each.i)));
  const others = new Set(lines.flatMap((each, i) => (each.hit && !ats.includes(i) ? [i] : [])));
  const language = library === null ? (languageNear(lines, ats)?.language ?? null) : libraryOf(library.id).language;
  return {
    line: line?.number ?? 0,
    text: `${line?.program.prefix ?? ""}${around(line?.text ?? "", shown?.start ?? 0)}`,
    library,
    language,
    extended: extendedOf(entry, lines, ats, others)?.code ?? null,
    elapsed: elapsedIn(lines, ats),
    timeout: timeoutIn(own, Math.max(...ats), library === null ? null : (libraryOf(library.id).timeoutUnit ?? null)),
    raisedAt: raisedAt(
      [...earlier, ...lines].map(({ raw }) => raw),
      ats.map((at) => at + earlier.length),
    ),
  };
}

/**
 * The library that the line of the message shows, else the nearest line that shows one; then the outermost library
 * that wraps it, where that shows near the message.
 */
function readLibrary(lines: readonly ContextLine[], hits: readonly HitPosition[]): LibraryRead | null {
  const ats = hits.map((hit) => hit.at);
  const language = languageNear(lines, ats);
  const clues = nearby(lines, ats)
    .flatMap(({ line, at, far }) => withClue(line.text).map((id) => ({ id, line: line.number, at, far })))
    .filter(
      ({ id, far }) =>
        language === null || language.far > far || [null, language.language].includes(libraryOf(id).language),
    );
  const onLine = hits.flatMap((hit) => {
    const line = lines[hit.at];
    const text = line?.text ?? "";
    return [...hit.libraries, ...withForm(text), ...withClue(text), ...withLooseForm(text, language?.language)].map(
      (id) => ({ id, line: line?.number ?? 0 }),
    );
  });
  const outermost = onLine.find((each) => !onLine.some((other) => wraps(other.id, each.id))) ?? onLine[0];
  const nearest = clues[0];
  let found: LibraryRead | null =
    outermost !== undefined
      ? { ...outermost, from: "wording" }
      : nearest === undefined
        ? null
        : { id: nearest.id, line: nearest.line, from: "nearby" };
  for (let outer = outerOf(found, clues); outer !== undefined; outer = outerOf(found, clues))
    found = { id: outer.id, line: outer.line, from: "nearby" };
  return found;
}

/**
 * The lines of the message and those around it, the nearest first; not those of another message, nor after it, nor of a
 * later traceback.
 */
function nearby(
  lines: readonly ContextLine[],
  ats: readonly number[],
): { readonly line: ContextLine; readonly at: number; readonly far: number }[] {
  const [first, last] = [Math.min(...ats), Math.max(...ats)];
  const other = (line: ContextLine, i: number) => line.hit && !ats.includes(i);
  const from = lines.findLastIndex((line, i) => i < first && other(line, i));
  const end = lines.findIndex(
    (line, i) => i > last && (other(line, i) || line.text.startsWith("Traceback (most recent call last)")),
  );
  return lines
    .flatMap((line, at) =>
      at > from && (end < 0 || at < end) && !other(line, at)
        ? [{ line, at, far: Math.min(...ats.map((hit) => Math.abs(at - hit))) }]
        : [],
    )
    .sort((a, b) => a.far - b.far);
}

function outerOf<Clue extends { readonly id: LibraryId }>(
  found: LibraryRead | null,
  clues: readonly Clue[],
): Clue | undefined {
  return found === null ? undefined : clues.find((clue) => wraps(clue.id, found.id));
}

const IDS = Object.keys(LIBRARIES) as LibraryId[];

function withClue(text: string): LibraryId[] {
  return IDS.filter((id) => libraryOf(id).clues.some((clue) => clue.test(text)));
}

function withForm(text: string): LibraryId[] {
  return IDS.filter((id) => libraryOf(id).forms?.some((form) => form.test(text)) === true);
}

/** Forms that several languages have. */
function withLooseForm(text: string, language: string | null | undefined): LibraryId[] {
  return IDS.filter(
    (id) => libraryOf(id).language === language && libraryOf(id).formInItsLanguage?.test(text) === true,
  );
}

function languageNear(
  lines: readonly ContextLine[],
  ats: readonly number[],
): { readonly language: string; readonly far: number } | null {
  for (const { line, far } of nearby(lines, ats)) {
    const found = LANGUAGE_CLUES.find(({ clue }) => clue.test(line.text));
    if (found !== undefined) return { language: found.language, far };
  }
  return null;
}

/** Of a long line: characters before the message, and in all. */
const MAX_BEFORE = 120;
const MAX_SHOWN = 300;

function around(text: string, start: number): string {
  if (text.length <= MAX_SHOWN) return text.trim();
  const from = Math.max(0, start - MAX_BEFORE);
  const piece = text.slice(from, from + MAX_SHOWN).trim();
  return `${from > 0 ? "..." : ""}${piece}${from + MAX_SHOWN < text.length ? "..." : ""}`;
}
