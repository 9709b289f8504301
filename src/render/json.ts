/**
 * Every JSON document that is printed or written to a file: bigint as decimal strings, dates in ISO 8601, and nothing
 * that a terminal obeys.
 */
import { escapeJson } from "../text/escape.ts";

/** On several lines. */
export function renderJson(document: unknown): string {
  return `${escapeJson(JSON.stringify(document, decimal, 2))}\n`;
}

/** On one line. */
export function renderJsonLine(document: unknown): string {
  return `${escapeJson(JSON.stringify(document, decimal))}\n`;
}

function decimal(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
