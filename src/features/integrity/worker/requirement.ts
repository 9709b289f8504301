/** What a database needs and this SQLite does not have, by the error. Pure. */
import { messageOf } from "../../../worker/sqlite-error.ts";
import type { Requirement } from "../protocol.ts";

/** The messages of SQLite and of its full-text modules. */
const PATTERNS: readonly (readonly [Requirement["type"], RegExp])[] = [
  ["module", /no such module: (?<name>.*)$/s],
  ["collation", /no such collation sequence: (?<name>.*)$/s],
  ["function", /no such function: (?<name>.*)$/s],
  ["function", /unknown function: (?<name>.*?)(?:\(\))?$/s],
  ["tokenizer", /no such tokenizer: (?<name>.*)$/s],
  ["tokenizer", /unknown tokenizer: (?<name>.*)$/s],
];

/** Null for any other error. */
export function missingRequirement(error: unknown): Requirement | null {
  for (const [type, pattern] of PATTERNS) {
    const name = pattern.exec(messageOf(error))?.groups?.["name"];
    if (name !== undefined) return { type, name };
  }
  return null;
}
