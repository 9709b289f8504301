/** The answer of explain, field by field the JSON document. Every field is described in docs/explain.schema.json. */
import type { FindingId, Report } from "../../model/report.ts";
import type { ExtendedCode, ResultCode } from "./entry.ts";
import type { FindingPage } from "./finding-pages.ts";
import type { LibraryId } from "./libraries.ts";
import type { Standing } from "./rank.ts";
import type { Waited } from "./waited.ts";

export const EXPLAIN_SCHEMA_VERSION = 1;

/** A code, without the causes that it leaves. */
export interface ExtendedText extends ResultCode {
  readonly meaning: ExtendedCode["meaning"];
}

export interface LibraryText {
  readonly id: LibraryId;
  readonly name: string;
  readonly language: string | null;
  /** Whether the message has its form, or other lines near it tell. */
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
  /** Other libraries, or languages, that said it as well, each where it did first. */
  readonly alsoSaidBy: readonly {
    readonly library: LibraryId | null;
    readonly language: string | null;
    readonly line: number;
  }[];
}

/** Another message of the text; of the same entry, with another extended code. */
export interface OtherMessage {
  readonly id: string;
  readonly title: string;
  readonly extended: ResultCode | null;
  readonly count: number;
  readonly line: number | null;
}

export interface CauseText {
  /** From 1: the most likely first. */
  readonly rank: number;
  readonly id: string;
  readonly what: string;
  readonly tell: string;
  readonly cure: string;
  /** In the language of the library that said it, where that is known. */
  readonly code: readonly { readonly library: LibraryId; readonly text: string }[];
  readonly findings: readonly FindingId[];
  readonly waited: "at-once" | "whole-timeout" | null;
  readonly processes: "one" | "several" | null;
  readonly standing: Standing;
  readonly why: string | null;
}

export interface Named {
  readonly id: string;
  readonly title: string;
}

export interface FindingText {
  readonly id: FindingId;
  readonly page: FindingPage | null;
  /** Messages that it brings about. */
  readonly messages: readonly Named[];
}

/** A finding on the database now, and the cause of the message that it shows. */
export interface ThisTime {
  readonly database: string;
  readonly finding: FindingId;
  readonly cause: string | null;
}

export interface Explanation {
  readonly schemaVersion: typeof EXPLAIN_SCHEMA_VERSION;
  readonly sqlock: string;
  readonly given: "text" | "code" | "message" | "finding" | "nothing";
  /** Of the text. */
  readonly lines: number | null;
  readonly message: Message | null;
  readonly others: readonly OtherMessage[];
  readonly waited: Waited | null;
  readonly causes: readonly CauseText[];
  readonly finding: FindingText | null;
  /** Where nothing was recognised. */
  readonly nearest: readonly Named[];
  readonly next: readonly string[];
  readonly thisTime: readonly ThisTime[];
  /** The document of `who-holds --json`: with --db. */
  readonly whoHolds: Report | null;
  /** Why there is no answer, or not all of it. */
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
}

export interface Listing {
  readonly schemaVersion: typeof EXPLAIN_SCHEMA_VERSION;
  readonly sqlock: string;
  readonly messages: readonly (Named & {
    readonly code: ResultCode | null;
    readonly extended: readonly ResultCode[];
  })[];
  readonly findings: readonly { readonly id: FindingId; readonly title: string | null }[];
}
