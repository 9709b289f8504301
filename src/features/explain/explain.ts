/** From what was recognised, and what a look at the database found, to the answer. Pure. */

import { type DatabaseReport, type FindingId, isPathError, type Report } from "../../model/report.ts";
import { shellQuoted } from "../../text/shell.ts";
import type { Cause, Entry, ExtendedCode, ResultCode } from "./entry.ts";
import type { CauseText, Explanation, Listing, Message, OtherMessage, ThisTime } from "./explanation.ts";
import { EXPLAIN_SCHEMA_VERSION } from "./explanation.ts";
import type { FindingPages } from "./finding-pages.ts";
import { type LibraryId, libraryOf } from "./libraries.ts";
import type { Named } from "./lookup.ts";
import { nearest, nearestIds } from "./nearest.ts";
import { FINDING_IDS } from "./pages.ts";
import { causesLeft, type Ranked, rank } from "./rank.ts";
import type { LibraryRead, Reading } from "./reading.ts";
import type { Recognition, Tally } from "./recognise.ts";
import { signsOn } from "./signs.ts";
import { type Timing, waitedOf } from "./waited.ts";

export interface Knowledge {
  readonly entries: readonly Entry[];
  readonly pages: Partial<FindingPages>;
}

export interface Asked {
  /** At most one of both. */
  readonly named: Named | null;
  readonly recognition: Recognition | null;
  readonly timing: Timing;
  /** Of the database, where one was given. */
  readonly report: Report | null;
  /** As the person gave it. */
  readonly database: string | null;
  readonly version: string;
}

const NO_TIMING: Timing = { elapsedMs: null, timeoutMs: null };

export function explain({ entries, pages }: Knowledge, asked: Asked): Explanation {
  const { named, recognition, report, database } = asked;
  const tally = recognition?.tallies[0];
  const entry = tally?.entry ?? entryOf(named);
  const extended = tally === undefined ? (named?.kind === "code" ? named.extended : null) : extendedOf(tally.readings);
  const reading = tally?.readings.find((each) => each.library !== null) ?? tally?.readings[0];
  const waited =
    entry === null
      ? null
      : waitedOf(
          causesLeft(entry, extended),
          reading?.library?.id ?? null,
          (tally?.readings ?? []).filter((each) => speaker(each) === speaker(reading)),
          asked.timing,
        );
  const found = foundOn(report);
  const ranked =
    entry === null
      ? []
      : rank(entry, { extended, waited, findings: found.map((each) => each.finding), signs: signsOn(report) });
  return {
    schemaVersion: EXPLAIN_SCHEMA_VERSION,
    sqlock: asked.version,
    given: recognition !== null ? "text" : named === null ? "nothing" : GIVEN[named.kind],
    lines: recognition?.lines ?? null,
    message: entry === null ? null : messageOf(entry, extended, tally, reading),
    others: othersOf(recognition, named, extended),
    waited,
    causes: ranked.map(({ cause, standing, why }, i) => causeText(cause, i + 1, reading, { standing, why })),
    finding:
      named?.kind === "finding"
        ? { id: named.id, page: pages[named.id] ?? null, messages: messagesOf(named.id, entries) }
        : null,
    nearest: entry === null ? nearestOf(named, recognition, entries, pages) : [],
    next: nextOf(entry, database),
    thisTime: thisTimeOf(found, ranked),
    whoHolds: report,
    error: null,
  };
}

/** When there is nothing to explain: a wrong usage, an empty text. */
export function failedExplanation(error: Explanation["error"], report: Report | null, version: string): Explanation {
  const answer = explain(
    { entries: [], pages: {} },
    { named: null, recognition: null, timing: NO_TIMING, report, database: null, version },
  );
  return { ...answer, error };
}

export function listing({ entries, pages }: Knowledge, version: string): Listing {
  return {
    schemaVersion: EXPLAIN_SCHEMA_VERSION,
    sqlock: version,
    messages: entries.map(({ id, title, code, extended }) => ({
      id,
      title,
      code: plain(code),
      extended: extended.map((each) => codeOf(each)),
    })),
    findings: FINDING_IDS.map((id) => ({ id, title: pages[id]?.title ?? null })),
  };
}

/** 0 explained, 1 nothing recognised, 2 no answer, or none of the database. */
export function exitCodeOf({ error, whoHolds, given, message, finding }: Explanation): number {
  if (error !== null || whoHolds?.databases.some(isPathError) === true) return 2;
  return given !== "nothing" && message === null && finding === null ? 1 : 0;
}

const GIVEN = {
  finding: "finding",
  entry: "message",
  code: "code",
  "many-codes": "code",
  "unknown-code": "code",
} as const;

function nearestOf(
  named: Named | null,
  recognition: Recognition | null,
  entries: readonly Entry[],
  pages: Knowledge["pages"],
): Explanation["nearest"] {
  const plainly = ({ id, title }: Entry) => ({ id, title });
  if (named?.kind === "many-codes") return named.entries.map(plainly);
  if (recognition === null) return [];
  const [first = ""] = recognition.lines === 1 ? recognition.candidates : [];
  const ids = nearestIds(first, [...FINDING_IDS, ...entries.map((entry) => entry.id)]);
  const byId = [...new Set(ids)].map((id) => ({
    id,
    title: entries.find((entry) => entry.id === id)?.title ?? pages[id as FindingId]?.title ?? id,
  }));
  return byId.length > 0 ? byId : nearest(recognition.candidates, entries).map(plainly);
}

function entryOf(named: Named | null): Entry | null {
  if (named?.kind === "entry" || named?.kind === "finding") return named.entry;
  return named?.kind === "code" ? named.entries[0] : null;
}

function codeOf({ name, number }: ResultCode): ResultCode {
  return { name, number };
}

function plain(code: ResultCode | null): ResultCode | null {
  return code === null ? null : codeOf(code);
}

/** The extended code that most of them tell: one that only a few tell says nothing of the others. */
function extendedOf(readings: readonly Reading[]): ExtendedCode | null {
  return (
    readings.find(
      ({ extended }) =>
        extended !== null && readings.filter((each) => each.extended === extended).length * 2 > readings.length,
    )?.extended ?? null
  );
}

function messageOf(
  entry: Entry,
  extended: ExtendedCode | null,
  tally: Tally | undefined,
  reading: Reading | undefined,
): Message {
  return {
    id: entry.id,
    title: entry.title,
    code: plain(entry.code),
    extended: extended === null ? null : { ...codeOf(extended), meaning: extended.meaning },
    meaning: entry.meaning,
    library: reading?.library ? libraryText(reading.library) : null,
    language: reading?.language ?? null,
    found:
      tally === undefined || reading === undefined
        ? null
        : { line: reading.line, text: reading.text, count: tally.count },
    alsoSaidBy: alsoSaidBy(tally?.readings ?? [], reading),
  };
}

/** Who said it, as far as can be told. */
function speaker(reading: Reading | undefined): string | null {
  return reading?.library?.id ?? reading?.language ?? null;
}

/** The first occurrence of each other library, or language where the library cannot be told. */
function alsoSaidBy(readings: readonly Reading[], shown: Reading | undefined): Message["alsoSaidBy"] {
  const told = new Set([speaker(shown), shown?.language ?? null, null]);
  return readings.flatMap((reading) => {
    if (told.has(speaker(reading))) return [];
    told.add(speaker(reading));
    return [{ library: reading.library?.id ?? null, language: reading.language, line: reading.line }];
  });
}

function libraryText({ id, from, line }: LibraryRead): NonNullable<Message["library"]> {
  const { name, language } = libraryOf(id);
  return { id, name, language, from, line };
}

/** Other messages of the text, and other codes of the same; for a code, other messages that have it. */
function othersOf(recognition: Recognition | null, named: Named | null, shown: ExtendedCode | null): OtherMessage[] {
  if (named?.kind === "code")
    return named.entries.slice(1).map(({ id, title }) => ({ id, title, extended: null, count: 0, line: null }));
  const [first, ...more] = recognition?.tallies ?? [];
  const codes = [
    ...new Set(
      first?.readings.flatMap((each) => (each.extended === null || each.extended === shown ? [] : each.extended)),
    ),
  ];
  const sameMessage = codes.map((code) => {
    const readings = first?.readings.filter((each) => each.extended === code) ?? [];
    return {
      id: first?.entry.id ?? "",
      title: first?.entry.title ?? "",
      extended: codeOf(code),
      count: readings.length,
      line: readings[0]?.line ?? null,
    };
  });
  const others = more.map(({ entry, count, readings }) => ({
    id: entry.id,
    title: entry.title,
    extended: plain(extendedOf(readings)),
    count,
    line: readings[0]?.line ?? null,
  }));
  return [...sameMessage, ...others];
}

function causeText(
  cause: Cause,
  place: number,
  reading: Reading | undefined,
  standing: Pick<CauseText, "standing" | "why">,
): CauseText {
  const { id, what, tell, cure, findings, waited = null, processes = null } = cause;
  return { rank: place, id, what, tell, cure, code: codeFor(cause, reading), findings, waited, processes, ...standing };
}

/** For the library; for what it is built on; for its language; else in SQL. */
function codeFor({ code = [] }: Cause, reading: Reading | undefined): CauseText["code"] {
  const id = reading?.library?.id ?? null;
  const language = reading?.language ?? null;
  const below: readonly string[] = id === null ? [] : (libraryOf(id).over ?? []);
  const wanted: ((each: LibraryId) => boolean)[] = [
    (each) => each === id,
    (each) => below.includes(each),
    (each) => language !== null && libraryOf(each).language === language,
    (each) => each === "sqlite",
  ];
  for (const fits of wanted) {
    const first = code.find((each) => fits(each.library))?.library;
    if (first !== undefined) return code.filter((each) => each.library === first);
  }
  return [];
}

/**
 * First what is to be rescued, then what shows the first cause, then the order of the reports; last what only leads to
 * the end of a process.
 */
function thisTimeOf(found: readonly Omit<ThisTime, "cause">[], ranked: readonly Ranked[]): ThisTime[] {
  const has = (id: FindingId) => found.some(({ finding }) => finding === id);
  const causes = ranked.filter(({ standing }) => standing === "this-time").map(({ cause }) => cause);
  const shownBy = (id: FindingId) => causes.findIndex((cause) => cause.findings.includes(id));
  const place = (id: FindingId) => {
    if (id === "deleted-file") return -1;
    if (id === "orphaned-holder" && (has("deleted-file") || has("exclusive-locking-mode"))) return causes.length + 1;
    return shownBy(id) < 0 ? causes.length : shownBy(id);
  };
  return [...found]
    .sort((a, b) => place(a.finding) - place(b.finding))
    .map((each) => ({ ...each, cause: causes[shownBy(each.finding)]?.id ?? null }));
}

/** In the order of the reports: the gravest first. */
function foundOn(report: Report | null): Omit<ThisTime, "cause">[] {
  const databases = report?.databases.filter((each): each is DatabaseReport => !isPathError(each)) ?? [];
  return databases.flatMap((database) =>
    [...new Set(database.findings.map((finding) => finding.id))].map((finding) => ({
      database: database.path,
      finding,
    })),
  );
}

function messagesOf(id: FindingId, entries: readonly Entry[]): { readonly id: string; readonly title: string }[] {
  return entries
    .filter((entry) => entry.causes.some((cause) => cause.findings.includes(id)))
    .map((entry) => ({ id: entry.id, title: entry.title }));
}

function nextOf(entry: Entry | null, database: string | null): string[] {
  const commands = entry?.next ?? (database === null ? [] : ["sqlock who-holds DATABASE"]);
  return database === null
    ? [...commands]
    : commands.map((command) => command.replace(/\bDATABASE\b/g, () => shellQuoted(database)));
}
