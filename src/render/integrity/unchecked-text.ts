/** The words for a part of a check that has no result. Pure. */
import type { NoStandIn, Requirement, Unchecked } from "../../features/integrity/protocol.ts";
import type { Refusal } from "../../safe-open/protocol.ts";
import { size } from "../../text/size.ts";

export function uncheckedText(part: Unchecked): string {
  switch (part.code) {
    case "missing-requirement":
      return (
        `${part.table ?? "the database"} needs ${requirementText(part.requirement)}, which this SQLite does not ` +
        "have"
      );
    case "sqlite-error":
      return `${part.table ?? "SQLite"}: ${part.message}`;
    case "no-memory":
      return `${part.table ?? "SQLite's check"} needs more memory than the limit of ${size(part.limitBytes)}`;
    case "damaged-table":
      return `${part.table} is damaged`;
    case "unreadable-schema":
      return "part of the schema could not be read";
    case "no-stand-in":
      return `the free list and unused pages were not checked: ${noStandInText(part.why)}`;
    case "vector-index":
      return (
        `${part.index} of ${part.table} is a vector index of libSQL, another SQLite, which keeps its entries ` +
        "elsewhere: they were not checked"
      );
    case "contentless":
      return (
        `${part.table} is an FTS4 table that does not keep its text (content=''): there is nothing to compare its ` +
        "index with"
      );
    case "table-format":
      return `${part.table} has version ${part.found} of the FTS5 format, and this SQLite knows ${part.known}`;
    case "tokenizer-arguments":
      return `${part.table}: this SQLite's tokenizer does not take these arguments: ${part.tokenizer}`;
    case "table-option":
      return `${part.table} has something that ${part.module} of this SQLite does not know: ${part.message}`;
  }
}

function noStandInText(why: NoStandIn): string {
  switch (why.kind) {
    case "no-copy":
      return why.refusal.kind === "changed"
        ? "its files changed while they were copied"
        : `no copy could be made${noCopyText(why.refusal)}`;
    case "not-edited":
      return `the schema of the copy could not be changed (${why.message})`;
    case "schema-once":
      return "SQLite does not know its text encoding";
  }
}

function noCopyText(refusal: Refusal): string {
  switch (refusal.kind) {
    case "no-space":
      return ` (it needs ${size(refusal.neededBytes)}, and ${size(refusal.freeBytes)} are free)`;
    case "no-folder":
      return ` (${refusal.why})`;
    default:
      return "message" in refusal ? ` (${refusal.message})` : "";
  }
}

/** Null where there is nothing to do. */
export function uncheckedRemedy(part: Unchecked): string | null {
  if (part.code !== "no-stand-in" || part.why.kind !== "no-copy") return null;
  switch (part.why.refusal.kind) {
    case "no-space":
      return "set TMPDIR to a folder with more space";
    case "no-folder":
      return "set TMPDIR to a folder that you can write to";
    case "changed":
      return "check it when no process writes to it";
    default:
      return null;
  }
}

function requirementText({ type, name }: Requirement): string {
  return `the ${type} ${name}`;
}
