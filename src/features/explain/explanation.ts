/** The answer of explain, as facts; render/explain makes the sentences and the JSON document. */
import type { FindingId, Report } from "../../model/report.ts";
import type { AccessAnswer } from "./access/answer.ts";
import type { ExtendedCode, ResultCode } from "./entry.ts";
import type { FindingPage } from "./finding-page.ts";
import type { RaisedAt } from "./frames/index.ts";
import type { LibraryId } from "./libraries.ts";
import type { Likelihood, Reason } from "./rank.ts";
import type { Waited } from "./waited.ts";

export const EXPLAIN_SCHEMA_VERSION = 1;

/** A code, without the causes that it leaves possible. */
export interface ExtendedText extends ResultCode {
  readonly meaning: ExtendedCode["meaning"];
}

export interface LibraryText {
  readonly id: LibraryId;
  readonly name: string;
  readonly language: string | null;
  /** `wording`: the message has its form; `nearby`: other lines near it show the library. */
  readonly from: "wording" | "nearby";
  readonly line: number;
}

export interface Message {
  readonly id: string;
  readonly title: string;
  readonly code: ResultCode | null;
  readonly extended: ExtendedText | null;
  readonly meaning: string;
  readonly library: LibraryText | null;
  readonly language: string | null;
  /** Null: it was asked for by its name or its code. */
  readonly found: { readonly line: number; readonly text: string; readonly count: number } | null;
  /** The first occurrence of each other library or language. */
  readonly alsoSaidBy: readonly {
    readonly library: LibraryId | null;
    readonly language: string | null;
    readonly line: number;
  }[];
  /** The user's own code that raised the one that is shown; null: the text does not show it. */
  readonly raisedAt: RaisedAt | null;
  /** The other places of the user's own code that raised it, the most frequent first. */
  readonly alsoRaisedAt: readonly (RaisedAt & { readonly count: number })[];
}

/** Another message of the text, or the same with another extended code. */
export interface OtherMessage {
  readonly id: string;
  readonly title: string;
  readonly extended: ResultCode | null;
  readonly count: number;
  readonly line: number | null;
}

export interface ExplainedCause {
  /** From 1: the likeliest first. */
  readonly rank: number;
  readonly id: string;
  readonly what: string;
  readonly tell: string;
  readonly cure: string;
  /** In the language of the library of the message, where that is known. */
  readonly code: readonly { readonly library: LibraryId; readonly text: string }[];
  readonly findings: readonly FindingId[];
  readonly waited: "at-once" | "whole-timeout" | null;
  readonly processes: "one" | "several" | null;
  readonly likelihood: Likelihood;
  readonly reason: Reason | null;
}

/** A message that explain knows, by its id and title. */
export interface EntryTitle {
  readonly id: string;
  readonly title: string;
}

export interface ExplainedFinding {
  readonly id: FindingId;
  readonly page: FindingPage | null;
  /** Messages that it causes. */
  readonly messages: readonly EntryTitle[];
}

/** What was asked about by words that are no message: `wal`, `read-only`. */
export interface ExplainedTopic {
  readonly id: string;
  readonly title: string;
  readonly meaning: string;
  readonly messages: readonly EntryTitle[];
  readonly findings: readonly { readonly id: FindingId; readonly title: string | null }[];
}

/** A finding on a database now, and the cause of the message that it shows. */
export interface CurrentFinding {
  readonly database: string;
  readonly finding: FindingId;
  readonly cause: string | null;
}

export interface Explanation {
  readonly sqlock: string;
  readonly given: "text" | "code" | "message" | "finding" | "topic" | "nothing";
  /** Of the text. */
  readonly lines: number | null;
  readonly message: Message | null;
  readonly others: readonly OtherMessage[];
  readonly waited: Waited | null;
  readonly causes: readonly ExplainedCause[];
  readonly finding: ExplainedFinding | null;
  /** [] where a message or a finding is explained. */
  readonly topics: readonly ExplainedTopic[];
  /** Where nothing was recognised. */
  readonly nearest: readonly EntryTitle[];
  readonly next: readonly string[];
  readonly thisTime: readonly CurrentFinding[];
  /** What the users who may have got the message may do; null: it was not tried. */
  readonly access: AccessAnswer | null;
  /** The report of who-holds: with --db. */
  readonly whoHolds: Report | null;
  /** Why there is no answer, or not all of it. */
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
}

/** All messages and findings that explain knows. */
export interface Listing {
  readonly schemaVersion: typeof EXPLAIN_SCHEMA_VERSION;
  readonly sqlock: string;
  readonly messages: readonly (EntryTitle & {
    readonly code: ResultCode | null;
    readonly extended: readonly ResultCode[];
  })[];
  readonly findings: readonly { readonly id: FindingId; readonly title: string | null }[];
  readonly topics: readonly EntryTitle[];
}
