/** SQLite's result codes, by name and by number, as they appear in texts. Pure. */
import type { Entry, ExtendedCode, ResultCode } from "./entry.ts";

interface Numbered {
  readonly number: number;
  readonly text: string;
}

/** On the line of the message. */
const NUMBER_BESIDE = /(?<!status|http|exit|port)(?:code|error|errno|rc|result)["']?\W{1,3}(\d{3,5})\b|\((\d{3,5})\)/gi;

/** On another line: `errcode: 517`, `extended_code: 517`, `SqliteExtendedErrorCode = 517`. */
const NUMBER_NEAR = /(?:errcode|extended_?(?:error_?|result_?)?code|sqlite_?(?:error_?)?code)["']?\W{1,3}(\d{3,5})\b/gi;

/** How many lines from the message its code can be (Node.js prints it after the stack). */
const AFTER = 25;
const BEFORE = 3;

/**
 * The extended code of a message: on its own lines, else the nearest. `others` are lines of other messages, which end
 * the search.
 */
export function extendedOf(
  entry: Entry,
  lines: readonly Numbered[],
  hits: readonly number[],
  others: ReadonlySet<number>,
): { readonly code: ExtendedCode; readonly line: number } | null {
  const last = Math.max(...hits);
  const first = Math.min(...hits);
  const upTo = (step: 1 | -1, from: number, max: number): number[] => {
    const found: number[] = [];
    for (let i = from + step; Math.abs(i - from) <= max && lines[i] !== undefined && !others.has(i); i += step)
      found.push(i);
    return found;
  };
  const between = lines.flatMap((_, i) => (i > first && i < last && !hits.includes(i) && !others.has(i) ? [i] : []));
  const near = [...between, ...upTo(1, last, AFTER), ...upTo(-1, first, BEFORE)];
  for (const at of [...hits, ...near]) {
    const line = lines[at];
    if (line === undefined) continue;
    const numbers = [...line.text.matchAll(hits.includes(at) ? NUMBER_BESIDE : NUMBER_NEAR)].map((match) =>
      Number(match[1] ?? match[2]),
    );
    const names = namesIn(line.text);
    const byName = entry.extended.find((each) => names.includes(each.name));
    // A name that SQLite does not have is the program's own, and so is its number: Android's
    // SQLITE_CANTOPEN_ENOENT[1294].
    const own =
      byName === undefined && entry.code !== null && names.some((name) => name.startsWith(`${entry.code?.name}_`));
    const code = byName ?? (own ? undefined : entry.extended.find((each) => numbers.includes(each.number)));
    if (code !== undefined) return { code, line: line.number };
  }
  return null;
}

/**
 * Names of result codes; not `SQLITE_BUSY_TIMEOUT_MS`, nor a setting with such a name
 * (`SQLITE_BUSY_TIMEOUT=5000`).
 */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/\bSQLITE_[A-Z]+(?:_[A-Z0-9]+)*\b(?!_|["']?\s?[=:]\s?["']?\d)/g)].map((match) => match[0]);
}

/** A code alone, as the JSON document has it. */
export function withoutMeaning({ name, number }: ResultCode): ResultCode {
  return { name, number };
}

/** Codes that stand for many different errors. */
export const MANY: ReadonlySet<string> = new Set(["SQLITE_ERROR", "SQLITE_MISUSE"]);

/** The entry of a code without its message; null for a code of many messages. */
export function entryOfName(name: string, entries: readonly Entry[]): Entry | null {
  if (MANY.has(name)) return null;
  return (
    entries.find((entry) => entry.code?.name === name || entry.extended.some((code) => code.name === name)) ?? null
  );
}
