/** Markdown with its paragraphs broken into lines of a readable width; all else stays as it is. Pure. */

const WIDTH = 100;

const FENCE = /^ *(```+|~~~+)/;
/** The beginning of a list item, or the indentation of a paragraph. */
const PREFIX = /^ *(?:(?:[-*+]|\d+[.)]) +)?/;
/** Lines that are no part of a paragraph: tables, headings, rules, quotes, HTML and blank lines. */
const NOT_PROSE = /^ *(?:\||#{1,6} |>|<|[-=*_]{3,} *$|$)/;
const LIST_ITEM = /^ *(?:[-*+]|\d+[.)]) /;
/** Two spaces or a backslash at the end of a line mean a line break. */
const HARD_BREAK = / {2}$|\\$/;

/** Code spans and links stay in one piece, and so does what a space does not separate. */
const PIECE = /(?:(`+)(?:(?!\1).)+\1|!?\[[^\]]{1,60}\]\([^)\s]*\)|[^\s])+/g;
/** At the beginning of a line this would begin a list, a heading, a quote or a table, or underline a heading. */
const WOULD_BEGIN_BLOCK = /^(?:[-*+]|\d+[.)]|#{1,6}|=+|-{2,}|[>|].*|```.*|~~~.*)$/;

export function wrapMarkdown(text: string): string {
  const wrapped: string[] = [];
  const lines = text.split("\n");
  let fence: string | null = null;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const mark = FENCE.exec(line)?.[1];
    if (fence !== null || mark !== undefined) {
      if (fence === null) fence = mark ?? null;
      else if (mark?.startsWith(fence)) fence = null;
      wrapped.push(line);
    } else if (NOT_PROSE.test(line)) {
      wrapped.push(line);
    } else {
      const end = endOfParagraph(lines, i);
      wrapped.push(...wrapParagraph(lines.slice(i, end)));
      i = end - 1;
    }
  }
  return wrapped.join("\n");
}

function endOfParagraph(lines: readonly string[], start: number): number {
  let end = start + 1;
  while (end < lines.length) {
    const line = lines[end] ?? "";
    if (NOT_PROSE.test(line) || LIST_ITEM.test(line) || FENCE.test(line) || HARD_BREAK.test(lines[end - 1] ?? ""))
      break;
    end++;
  }
  return end;
}

function wrapParagraph(lines: readonly string[]): string[] {
  if (lines.some((line) => HARD_BREAK.test(line))) return [...lines];
  const prefix = PREFIX.exec(lines[0] ?? "")?.[0] ?? "";
  const indent = " ".repeat(prefix.length);
  const wrapped: string[] = [];
  let line = prefix;
  for (const [piece] of lines.join(" ").slice(prefix.length).matchAll(PIECE)) {
    const isFirst = line === prefix || line === indent;
    if (!isFirst && line.length + 1 + piece.length > WIDTH && !WOULD_BEGIN_BLOCK.test(piece)) {
      wrapped.push(line);
      line = indent + piece;
    } else {
      line += isFirst ? piece : ` ${piece}`;
    }
  }
  return [...wrapped, line];
}
