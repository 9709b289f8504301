/** Why a database, or a part of it, was not checked. Pure. The words are in render/integrity/reason-text.ts. */
import type { DatabaseReport, Holder } from "../../model/report.ts";
import type { FileContent } from "../../safe-open/first-bytes.ts";
import type { ForeignFormat } from "../../safe-open/foreign-format.ts";
import type { LookFailure } from "../../safe-open/look.ts";
import type { Refusal } from "../../safe-open/protocol.ts";
import type { NoStandIn, Unchecked } from "./protocol.ts";
import type { ReasonCode } from "./report.ts";

export type Reason =
  | { readonly kind: "look"; readonly failure: LookFailure }
  | {
      readonly kind: "content";
      readonly path: string;
      readonly content: Extract<FileContent, { kind: "encrypted" | "lfs-pointer" | "not-a-database" }>;
    }
  /** Of no bytes. `companions`: the suffixes of what lies beside it; none: it was found by its name (-r). */
  | { readonly kind: "empty"; readonly path: string; readonly companions: readonly string[] }
  | { readonly kind: "unsupported-format"; readonly format: ForeignFormat }
  /** SQLite opens no file with such a header. */
  | { readonly kind: "refused-header" }
  | { readonly kind: "locked"; readonly holders: readonly Holder[]; readonly hasUnownedLocks: boolean }
  | {
      readonly kind: "refused";
      readonly path: string;
      readonly refusal: Exclude<Refusal, { kind: "busy" }>;
      readonly journalMode: DatabaseReport["journalMode"];
      /** Of files that changed under SQLite's read lock: who writes without it; left out else. */
      readonly writers?: UnlockedWriters;
    }
  /** `foundProblems`: which may be those of a change that is half written. */
  | { readonly kind: "unlocked-writer"; readonly holders: readonly Holder[]; readonly foundProblems: boolean }
  | { readonly kind: "timeout" }
  | { readonly kind: "crashed"; readonly why: string }
  /** --no-foreign-keys */
  | { readonly kind: "left-out" }
  /** A part of a check. */
  | { readonly kind: "unchecked"; readonly part: Unchecked }
  | { readonly kind: "not-reached" }
  /** Node.js cannot give a name that is not UTF-8 to another process. */
  | { readonly kind: "not-utf8"; readonly path: string }
  /** `hint`: of an error that a person can fix; null: a bug. */
  | { readonly kind: "error"; readonly message: string; readonly hint: string | null };

export interface UnlockedWriters {
  readonly holders: readonly Holder[];
  /** False: it may be one of them, since they hold no lock at this moment. */
  readonly known: boolean;
}

export function reasonCodeOf(reason: Reason): ReasonCode {
  switch (reason.kind) {
    case "look":
      return codeOfLookFailure(reason.failure);
    case "content":
      return reason.content.kind === "lfs-pointer" ? "not-a-database" : reason.content.kind;
    case "empty":
    case "unsupported-format":
    case "locked":
    case "timeout":
    case "left-out":
    case "unlocked-writer":
      return reason.kind;
    case "refused":
      return reason.refusal.kind === "denied" ? codeOfDenied(reason.refusal) : CODE_OF_REFUSAL[reason.refusal.kind];
    case "unchecked":
      return codeOfUnchecked(reason.part);
    case "refused-header":
    case "crashed":
    case "not-reached":
    case "not-utf8":
    case "error":
      return "failed";
  }
}

/** Of several reasons of one check: an error counts more than something that this SQLite lacks. */
export function reasonCodeOfAll([first, ...rest]: readonly [Reason, ...Reason[]]): ReasonCode {
  const codes = [first, ...rest].map(reasonCodeOf);
  return codes.includes("failed") ? "failed" : reasonCodeOf(first);
}

function codeOfDenied({ trouble }: Extract<Refusal, { kind: "denied" }>): ReasonCode {
  if (trouble === undefined) return "no-permission";
  return trouble === "no-descriptor" ? "too-many-open-files" : "failed";
}

const CODE_OF_REFUSAL: Record<Exclude<Refusal["kind"], "busy" | "denied">, ReasonCode> = {
  "needs-copy": "failed",
  "ignores-check-constraints": "failed",
  "missing-collation": "missing-module",
  "backup-failed": "failed",
  "backup-io-error": "failed",
  changed: "changed",
  unkept: "changed",
  "no-space": "no-space",
  "no-folder": "no-space",
  "file-limit": "no-space",
  "lost-companion": "no-such-file",
  "unseen-users": "no-permission",
  "hard-linked": "not-a-file",
  "no-user": "no-permission",
  gone: "no-such-file",
  "not-a-database": "failed",
  failed: "failed",
};

function codeOfLookFailure(failure: LookFailure): ReasonCode {
  switch (failure.kind) {
    case "folder":
    case "odd-companion":
      return "not-a-file";
    case "deleted":
      return "no-such-file";
    case "denied":
      return codeOfDenied(failure);
    case "unfinished-elsewhere":
      return "failed";
    case "path-error":
      return CODE_OF_PATH_ERROR[failure.error.code] ?? "failed";
  }
}

/** By the codes of who-holds. */
const CODE_OF_PATH_ERROR: Record<string, ReasonCode | undefined> = {
  "no-such-file": "no-such-file",
  "not-a-file": "not-a-file",
  "in-memory": "not-a-file",
  "not-a-database": "not-a-database",
  "permission-denied": "no-permission",
  "too-many-open-files": "too-many-open-files",
};

function codeOfUnchecked(part: Unchecked): ReasonCode {
  switch (part.code) {
    case "missing-requirement":
    case "vector-index":
    case "table-format":
    case "tokenizer-arguments":
    case "table-option":
      return "missing-module";
    case "no-stand-in":
      return codeOfNoStandIn(part.why);
    case "no-memory":
      return "no-memory";
    case "sqlite-error":
      return part.missing ? "missing-module" : "failed";
    case "contentless":
    case "damaged-table":
    case "unreadable-schema":
      return "failed";
  }
}

/** The collation that is missing is the cause; for a change of the files or a full disk there is a remedy. */
function codeOfNoStandIn(why: NoStandIn): ReasonCode {
  if (why.kind !== "no-copy" || why.refusal.kind === "busy") return "missing-module";
  const code = why.refusal.kind === "denied" ? codeOfDenied(why.refusal) : CODE_OF_REFUSAL[why.refusal.kind];
  return code === "failed" ? "missing-module" : code;
}
