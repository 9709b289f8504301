/** Whether sqlock's problems of the structure are SQLite's own words. Pure. */
import { namesOf, problemsOfRow } from "../../src/features/integrity/messages.ts";
import type { DatabaseCheck } from "../../src/features/integrity/report.ts";

const NO_NAMES = namesOf([]);

/**
 * `rows`: what a bare pragma answered, without a maximum.
 *
 * @returns the messages that only one of the two has; sqlock may have fewer where there are more than it shows.
 */
export function otherWords(
  rows: readonly string[],
  { problems, truncated }: Pick<DatabaseCheck, "problems" | "truncated">,
): string[] {
  const theirs = new Set(rows.filter((row) => row !== "ok").flatMap(structureMessages));
  const ours = new Set(problems.flatMap(({ check, message }) => (check === "structure" ? [message] : [])));
  return [
    ...[...ours].filter((message) => !theirs.has(message)).map((message) => `only sqlock: ${message}`),
    ...(truncated ? [] : [...theirs].filter((message) => !ours.has(message)).map((message) => `only bare: ${message}`)),
  ];
}

function structureMessages(row: string): string[] {
  return problemsOfRow(row, NO_NAMES).flatMap(({ check, message }) => (check === "structure" ? [message] : []));
}
