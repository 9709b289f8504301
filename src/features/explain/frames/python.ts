/** Tracebacks of Python: before the message, the innermost frame last. Pure. */
import { type Frame, INSTALLED_PROGRAM, named, type StackFormat } from "./frame.ts";

/** In a JSON record the quotes have a backslash before them. */
const FRAME = /\bFile \\?"([^"]{1,1000}?)\\?", line (\d{1,9})(?:, in (.{1,300}))?/;

/** Between a frame and the message: its source (several lines from 3.13 on), `^^^^^^`, and how often it repeats. */
const LINES_OF_FRAME = 15;

/**
 * The lines between the frames are indented more than the message: whatever a log, or an exception group, has before
 * them, at the two columns before `File` there are blanks.
 */
export const PYTHON: StackFormat = {
  language: "Python",
  cause: "first",
  stackOf(lines, at) {
    const innermost = innermostBefore(lines, at);
    if (innermost === null) return [];
    const frames: Frame[] = [];
    for (let i = innermost.at; i >= 0; i--) {
      const text = lines[i] ?? "";
      const match = FRAME.exec(text);
      if (match !== null && match.index === innermost.column) frames.push(frameOf(match));
      else if (!isIndented(text, innermost.column)) break;
    }
    return frames;
  },
};

function innermostBefore(
  lines: readonly string[],
  at: number,
): { readonly at: number; readonly column: number } | null {
  for (let i = at - 1; i >= 0 && at - i <= LINES_OF_FRAME; i--) {
    const column = FRAME.exec(lines[i] ?? "")?.index;
    if (column === undefined) continue;
    const between = lines.slice(i + 1, at);
    return between.every((text) => isIndented(text, column)) ? { at: i, column } : null;
  }
  return null;
}

function isIndented(text: string, column: number): boolean {
  return text.slice(Math.max(0, column - 2), column).trim() === "" && text.length > column;
}

function frameOf([, file = "", line, name]: RegExpExecArray): Frame {
  return { file, line: Number(line), function: named(name), own: !isPythonLibrary(file) };
}

export function isPythonLibrary(file: string): boolean {
  return LIBRARY.some((pattern) => pattern.test(file));
}

const LIBRARY: readonly RegExp[] = [
  /[/\\](?:site|dist)-packages[/\\]/,
  /[/\\]lib(?:64)?[/\\]python\d/i,
  /[/\\]Python\d+[/\\]Lib[/\\]/i,
  /\.(?:egg|zip|whl)[/\\]/,
  // Layers of AWS Lambda.
  /^\/opt\/python\//,
  // A checkout of the library itself, or a copy beside the program.
  /[/\\]django[/\\](?:db|core|utils|test|views|conf)[/\\]/,
  /[/\\](?:sqlalchemy|aiosqlite|playhouse)[/\\]|[/\\]peewee\.py$/,
  // `<string>`, `<frozen runpy>`.
  /^</,
  // What Django writes to start itself.
  /(?:^|[/\\])manage\.py$/,
  INSTALLED_PROGRAM,
];
