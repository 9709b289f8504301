/** The answer, from what was recognised in the text and what was found on the database. Pure. */

import { FINDING_IDS } from "../../findings/index.ts";
import { type FindingId, isPathError, type Report } from "../../model/report.ts";
import { quotedPath } from "../../text/shell.ts";
import { accessAnswer, accessSigns, triedAccess } from "./access/answer.ts";
import type { AccessFacts } from "./access/facts.ts";
import { withoutMeaning } from "./codes.ts";
import { findingsOn, foundNow, orderFindings } from "./current-findings.ts";
import type { Entry } from "./entry.ts";
import { explainedCause } from "./explained-cause.ts";
import {
  type EntryTitle,
  EXPLAIN_SCHEMA_VERSION,
  type ExplainedTopic,
  type Explanation,
  type Listing,
} from "./explanation.ts";
import { nearestTopics, topicsOf } from "./find-topics.ts";
import type { FindingPages } from "./finding-page.ts";
import type { Lookup } from "./lookup.ts";
import { commonExtendedCode, messageOf, otherMessages, speakerOf } from "./message.ts";
import { nearest, nearestIds } from "./nearest.ts";
import { pathErrorsOf } from "./path-error.ts";
import { causesLeft, rank } from "./rank.ts";
import type { Recognition } from "./recognise.ts";
import { signsOn } from "./signs.ts";
import type { Topic } from "./topic.ts";
import { TOPICS } from "./topics/index.ts";
import { type Timing, waitedOf } from "./waited.ts";

export interface Knowledge {
  readonly entries: readonly Entry[];
  readonly pages: Partial<FindingPages>;
}

/** What was asked: at most one of a name and a text. */
export interface Question {
  readonly named: Lookup | null;
  readonly recognition: Recognition | null;
  readonly timing: Timing;
  /** Of the database, where one was given. */
  readonly report: Report | null;
  /** As it was given. */
  readonly database: string | null;
  /** What was tried as the users who may have got the message; absent or null: nothing. */
  readonly access?: AccessFacts | null;
  readonly version: string;
}

/** The entry of the message. */
export function entryAskedFor({ named, recognition }: Pick<Question, "named" | "recognition">): Entry | null {
  return recognition?.tallies[0]?.entry ?? entryOf(named);
}

const NO_TIMING: Timing = { elapsedMs: null, timeoutMs: null };

export function explain({ entries, pages }: Knowledge, question: Question): Explanation {
  const { named, recognition, report, database, access = null } = question;
  const tally = recognition?.tallies[0];
  const entry = entryAskedFor(question);
  const extended =
    tally === undefined ? (named?.kind === "code" ? named.extended : null) : commonExtendedCode(tally.readings);
  const reading = tally?.readings.find((each) => each.library !== null) ?? tally?.readings[0];
  const waited =
    entry === null
      ? null
      : waitedOf(
          causesLeft(entry, extended),
          reading?.library?.id ?? null,
          (tally?.readings ?? []).filter((each) => speakerOf(each) === speakerOf(reading)),
          question.timing,
        );
  const topics = entry !== null || recognition?.lines !== 1 ? [] : topicsOf(recognition.candidates[0] ?? "");
  const found = findingsOn(report);
  const ranked =
    entry === null
      ? []
      : rank(entry, {
          extended,
          waited,
          findings: foundNow(report),
          signs: [...signsOn(report), ...(access === null ? [] : accessSigns(access))],
          access: access === null ? null : triedAccess(access, entry.id),
          pathErrors: pathErrorsOf(report),
        });
  return {
    sqlock: question.version,
    given: topics.length > 0 ? "topic" : recognition !== null ? "text" : named === null ? "nothing" : GIVEN[named.kind],
    lines: recognition?.lines ?? null,
    message: entry === null ? null : messageOf(entry, extended, tally, reading),
    others: otherMessages(recognition, named, extended),
    waited,
    causes: ranked.map((each, i) => explainedCause(each, i + 1, reading)),
    finding:
      named?.kind === "finding"
        ? { id: named.id, page: pages[named.id] ?? null, messages: messagesOf(named.id, entries) }
        : null,
    topics: topics.map((topic) => explainedTopic(topic, { entries, pages })),
    nearest: entry === null && topics.length === 0 ? nearestOf(named, recognition, entries, pages) : [],
    next: nextCommands(entry?.next ?? (topics.length > 0 ? topics.flatMap(({ next }) => next) : null), database),
    thisTime: orderFindings(found, ranked),
    access: access === null ? null : accessAnswer(access),
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
      code: code === null ? null : withoutMeaning(code),
      extended: extended.map((each) => withoutMeaning(each)),
    })),
    findings: FINDING_IDS.map((id) => ({ id, title: pages[id]?.title ?? null })),
    topics: TOPICS.map(titleOf),
  };
}

/** 0: explained, or listed what concerns it; 1: nothing recognised; 2: no answer, or none about the database. */
export function exitCodeOf({ error, whoHolds, given, message, finding, topics }: Explanation): number {
  if (error !== null || whoHolds?.databases.some(isPathError) === true) return 2;
  return given !== "nothing" && message === null && finding === null && topics.length === 0 ? 1 : 0;
}

const GIVEN = {
  finding: "finding",
  entry: "message",
  code: "code",
  "many-codes": "code",
  "unknown-code": "code",
} as const;

function entryOf(named: Lookup | null): Entry | null {
  if (named?.kind === "entry" || named?.kind === "finding") return named.entry;
  return named?.kind === "code" ? named.entries[0] : null;
}

/** For a text in which nothing was recognised, or a code of many messages. */
function nearestOf(
  named: Lookup | null,
  recognition: Recognition | null,
  entries: readonly Entry[],
  pages: Knowledge["pages"],
): EntryTitle[] {
  if (named?.kind === "many-codes") return named.entries.map(titleOf);
  if (recognition === null) return [];
  const [first = ""] = recognition.lines === 1 ? recognition.candidates : [];
  const ids = new Set(nearestIds(first, [...FINDING_IDS, ...entries.map((entry) => entry.id)]));
  const byId = [...ids].map((id) => ({
    id,
    title: entries.find((entry) => entry.id === id)?.title ?? pages[id as FindingId]?.title ?? id,
  }));
  if (byId.length > 0) return byId;
  const messages = nearest(recognition.candidates, entries).map(titleOf);
  return messages.length > 0 || recognition.lines !== 1 ? messages : nearestTopics(first).map(titleOf);
}

function messagesOf(id: FindingId, entries: readonly Entry[]): EntryTitle[] {
  return entries.filter((entry) => entry.causes.some((cause) => cause.findings.includes(id))).map(titleOf);
}

function explainedTopic(
  { id, title, meaning, messages, findings }: Topic,
  { entries, pages }: Knowledge,
): ExplainedTopic {
  return {
    id,
    title,
    meaning,
    messages: messages.flatMap((each) => entries.find((entry) => entry.id === each) ?? []).map(titleOf),
    findings: findings.map((each) => ({ id: each, title: pages[each]?.title ?? null })),
  };
}

function titleOf({ id, title }: EntryTitle): EntryTitle {
  return { id, title };
}

/** `known`: of what is explained; null: nothing is. */
function nextCommands(known: readonly string[] | null, database: string | null): string[] {
  const commands = known !== null ? [...new Set(known)] : database === null ? [] : ["sqlock who-holds DATABASE"];
  if (database === null) return commands;
  const path = quotedPath(database);
  return commands.map((command) => command.replace(/\bDATABASE\b/g, () => path));
}
