/**
 * A line for somebody else's eyes (--redact): without SQL, without the arguments of programs, without the folders of
 * paths, without the names of tasks, which may hold the path of a request. Pure.
 */
import type { WrittenLine } from "./uncounted.ts";

const LEFT_OUT = new Set(["sql", "firstSql", "lastSql", "task"]);
const PATHS = new Set(["path", "givenAs", "file", "memory"]);

/** The same line, with the same fields. */
export function redacted<T extends WrittenLine>(line: T): T {
  return without(line) as T;
}

function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, field(key, each)]));
}

function field(key: string, value: unknown): unknown {
  if (LEFT_OUT.has(key)) return null;
  if (PATHS.has(key) && typeof value === "string") return lastPart(value);
  if (key === "commandLine" && Array.isArray(value)) return value.slice(0, 1).map((each) => programOf(String(each)));
  if (key === "redacted") return true;
  return without(value);
}

/** A program that has rewritten its title has all of it in the first argument: `postgres: bob secret`. */
function programOf(argument: string): string {
  return lastPart(/^\S*/.exec(argument.trimStart())?.[0] ?? "");
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
