import type { FoundProblem, ProblemCause } from "./protocol.ts";

/** The header is why SQLite opens no such file. */
export function headerProblem(cause: ProblemCause): FoundProblem {
  return { check: "header", cause, table: null, index: null, rowid: null, parent: null, page: 1 };
}
