/** What every format of stack traces gives. */

export interface Frame {
  /** As the text has it. Untrusted. */
  readonly file: string;
  readonly line: number;
  /** Null: code outside of functions, or a function without a name. */
  readonly function: string | null;
  /** False: of a library, of the language itself, or of no file. */
  readonly own: boolean;
}

/** How a language prints the stack of an error. */
export interface StackFormat {
  readonly language: string;
  /** Where in a chain of exceptions the one that caused the others is printed. */
  readonly cause: "first" | "last";
  /**
   * The frames of the error whose message is on this line, the innermost first. None: no stack of this format belongs
   * to it. In time linear in the length of the lines.
   */
  readonly stackOf: (lines: readonly string[], at: number) => Frame[];
}

/**
 * The lines after a message that belong to its stack. Blank lines may be among them, but not between two frames and
 * what is no frame.
 */
export function linesOfStack(lines: readonly string[], at: number, isPart: (text: string) => boolean): string[] {
  const found: string[] = [];
  for (let i = at + 1; i < lines.length; i++) {
    const text = lines[i] ?? "";
    if (text.trim() === "") continue;
    if (!isPart(text)) break;
    found.push(text);
  }
  return found;
}

/** Names that a language gives to code that has none. */
const NAMELESS = /^(?:<\w+(?: \(required\))?>|\{main\}|(?:Object\.)?<anonymous>|\(anonymous\)|main::__ANON__)$/;

export function named(name: string | undefined): string | null {
  const text = name?.trim() ?? "";
  return text === "" || NAMELESS.test(text) ? null : text;
}

export function isAny(patterns: readonly RegExp[], text: string): boolean {
  return patterns.some((pattern) => pattern.test(text));
}

/** A program that a package manager installs: `/srv/venv/bin/gunicorn`. */
export const INSTALLED_PROGRAM = /[/\\]s?bin[/\\][^/\\.]+$/;
