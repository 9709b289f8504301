/** Where the user's own code raised an error, by the stack that stands beside its message. Pure. */
import { DOTNET } from "./dotnet.ts";
import type { Frame, StackFormat } from "./frame.ts";
import { GO } from "./go.ts";
import { IPYTHON } from "./ipython.ts";
import { JAVA } from "./java.ts";
import { NODE } from "./node.ts";
import { PERL } from "./perl.ts";
import { PHP } from "./php.ts";
import { PYTEST } from "./pytest.ts";
import { PYTHON } from "./python.ts";
import { RUBY } from "./ruby.ts";
import { RUST } from "./rust.ts";

const FORMATS: readonly StackFormat[] = [PYTHON, IPYTHON, PYTEST, NODE, RUBY, DOTNET, JAVA, GO, RUST, PHP, PERL];

export interface RaisedAt {
  /** As the text has it. Untrusted. */
  readonly file: string;
  readonly line: number;
  /** Null: code outside of functions, or a function without a name. */
  readonly function: string | null;
  readonly language: string;
}

/** A longer line is no frame. */
export const MAX_FRAME = 2000;

/**
 * The innermost frame that is no library's, of the exception that caused the others. `hits`: the lines with the
 * message, of one chain of exceptions. Null: no stack stands beside it, or all of it is of libraries.
 */
export function raisedAt(given: readonly string[], hits: readonly number[]): RaisedAt | null {
  const lines = given.map((text, i) => (text.length <= MAX_FRAME || hits.includes(i) ? text : ""));
  for (const format of FORMATS) {
    const causes = format.cause === "first" ? hits : hits.toReversed();
    const stacks = causes.map((at) => format.stackOf(lines, at)).filter((stack) => stack.length > 0);
    if (stacks.length === 0) continue;
    const frame = stacks.map(innermostOwn).find((found) => found !== null) ?? null;
    return frame === null
      ? null
      : { file: frame.file, line: frame.line, function: frame.function, language: format.language };
  }
  return null;
}

function innermostOwn(stack: readonly Frame[]): Frame | null {
  return stack.find(({ own }) => own) ?? null;
}

/** A line of a stack after a message: more of it may come, however long it is. */
export function isLineOfStack(text: string): boolean {
  return text.length <= MAX_FRAME && AFTER_MESSAGE.test(text);
}

const AFTER_MESSAGE = new RegExp(
  [
    String.raw`(?:^|\s)at [^\s(]{1,300}[ (]|^\s*at |^\s+from \S|:\d{1,9}:in [\`']`,
    String.raw`^#\d{1,5} |^\s*\d{1,5}: \S|^\s*\.{3} \d|^\s+\S{1,300}\.go:\d`,
  ].join("|"),
);
