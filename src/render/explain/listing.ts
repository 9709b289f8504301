/** `explain --list`: all messages, findings and topics. */
import type { Listing } from "../../features/explain/explanation.ts";
import { fitColumns, wrap } from "../layout.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";

const GAP = 2;

export function renderListing({ messages, findings, topics }: Listing, style: Style): string {
  const codes = messages.map(({ code, title, id }) => [
    code === null ? "-" : `${code.name.replace("SQLITE_", "")} (${code.number})`,
    title,
    id,
  ]);
  const found = findings.map(({ id, title }) => [id, title ?? ""]);
  const asked = topics.map(({ id, title }) => [id, title]);
  return (
    `${columns(["CODE", "MESSAGE", "ID"], codes, style)}\n\n${columns(["FINDING", "WHAT IT IS"], found, style)}\n\n` +
    `${columns(["TOPIC", "WHAT IT IS"], asked, style)}\n\nTo read about one: sqlock explain ID (or CODE, TOPIC, TEXT)\n`
  );
}

function columns(heads: readonly string[], rows: readonly (readonly string[])[], { width, chalk }: Style): string {
  const shapes = heads.map((header, i) => ({ header, texts: rows.map((row) => row[i] ?? ""), cut: false }));
  const widths = fitColumns(shapes, width - GAP * (heads.length - 1));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell + " ".repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell) + GAP)))
      .join("")
      .trimEnd();
  const lines = rows.flatMap((row) => {
    const cells = row.map((text, i) => wrap(text, widths[i] ?? 0).split("\n"));
    return Array.from({ length: Math.max(...cells.map((cell) => cell.length)) }, (_, i) =>
      line(cells.map((cell) => cell[i] ?? "")),
    );
  });
  const head = line(heads);
  return [chalk?.dim(head) ?? head, ...lines].join("\n");
}
