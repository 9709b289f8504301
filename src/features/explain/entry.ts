/** What sqlock knows of one error message. Data: `explain` prints it, and docs/errors.md is made from it. */

import type { FindingId } from "../../model/report.ts";
import type { RefusalKind } from "./access/refusals.ts";
import type { LibraryId } from "./libraries.ts";
import type { PathErrorCode } from "./path-error.ts";
import type { SignId } from "./signs.ts";

/** As sqlite3.h defines it. */
export interface ResultCode {
  readonly name: `SQLITE_${string}`;
  readonly number: number;
}

/** An extended result code: its low byte is the code's number. Source: https://www.sqlite.org/rescode.html */
export interface ExtendedCode extends ResultCode {
  /** What it adds to the meaning of the message, in a sentence. */
  readonly meaning: string;
  /** The ids of the causes that it leaves possible, most likely first. Absent: it rules none out. */
  readonly causes?: readonly string[];
}

/** A form in which the message is printed. */
export interface Wording {
  /** Matches a line, in time linear in its length; without the flags `g` and `y`. */
  readonly pattern: RegExp;
  /** The only library that prints this form; absent where several do. */
  readonly library?: LibraryId;
}

/** A message as a library really prints it; the tests check the patterns with it. */
export interface Example {
  readonly library: LibraryId;
  /** May have several lines, as a traceback does. */
  readonly text: string;
  /** The extended code that is in the text; absent where there is none. */
  readonly extended?: number;
}

export interface Cause {
  /** Stable within its entry. */
  readonly id: string;
  /** What happened, as a heading: `A read transaction wanted to become a writer`. */
  readonly what: string;
  /** How to tell that it is this one. */
  readonly tell: string;
  /** What cures it, the safest first. */
  readonly cure: string;
  /**
   * What to type or to write for it, in the language of the library where it differs: `python-sqlite3: con =
   * sqlite3.connect(…)`.
   */
  readonly code?: readonly { readonly library: LibraryId; readonly text: string }[];
  /** Findings of who-holds that show this cause. */
  readonly findings: readonly FindingId[];
  /** Those of them that only speak for it, whatever their severity. Errors and warnings among the others show it. */
  readonly hints?: readonly FindingId[];
  /** Those of them that show it also where they are information. */
  readonly proofs?: readonly FindingId[];
  /** What a holder does that shows it, whatever is found. */
  readonly shownBy?: SignId;
  /** What a holder does that speaks for it. */
  readonly spokenForBy?: SignId | readonly SignId[];
  /** What a holder does that makes it unlikely. */
  readonly refutedBy?: SignId;
  /** Where this shows, its findings belong to another cause. */
  readonly notWith?: SignId;
  /** The error of a database that could not be looked at: what was in the way of sqlock was so of the program. */
  readonly pathError?: PathErrorCode;
  /** What was refused that shows it, where the database was tried as a user. */
  readonly refused?: RefusalKind;
  /** It fails at once, or only after the whole timeout; absent: that does not tell. */
  readonly waited?: "at-once" | "whole-timeout";
  /** It is that no busy timeout is set: one that is known to be set excludes it. */
  readonly noTimeout?: true;
  /** Whether one process alone can cause it, or another one is involved; absent: either. */
  readonly processes?: "one" | "several";
}

export interface Entry {
  /** Stable: `database-is-locked`. */
  readonly id: string;
  /** The message in the words of SQLite, or of the program that prints it. */
  readonly title: string;
  /** Null: not an error of SQLite itself. */
  readonly code: ResultCode | null;
  readonly extended: readonly ExtendedCode[];
  readonly wordings: readonly Wording[];
  readonly examples: readonly Example[];
  /** What it means, in two to five sentences. */
  readonly meaning: string;
  /** Most likely first. */
  readonly causes: readonly Cause[];
  /** The files are tried as the user who may have got it. */
  readonly triesAccess?: true;
  /** Commands to run next; DATABASE stands for the path. */
  readonly next: readonly string[];
}
