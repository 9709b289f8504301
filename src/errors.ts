/** The two kinds of error that are not bugs. */

/** Something the person can mend: one line that says what, why and what to do. */
export class UserError extends Error {
  override readonly name = "UserError";
  /** Stable, for programs: `no-such-file`, `usage` … */
  readonly code: string;
  /** What to do about it. */
  readonly hint: string;
  readonly exitCode: number;

  constructor(code: string, message: string, hint: string, exitCode = 2) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** A text of the kernel that is not in its documented form. It costs that line or file, not the run. */
export class ParseError extends Error {
  override readonly name = "ParseError";
  readonly file: string;
  readonly text: string;

  constructor(file: string, text: string) {
    super(`cannot read ${file}: unexpected ${JSON.stringify(text.slice(0, 200))}`);
    this.file = file;
    this.text = text;
  }
}

/**
 * No descriptor is left, of this process (EMFILE) or of the whole machine (ENFILE). A thread of Node.js says it in its
 * message alone.
 */
export function hasNoDescriptor(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EMFILE" || code === "ENFILE" || code === "too-many-open-files") return true;
  return code === "ERR_WORKER_INIT_FAILED" && message.includes("EMFILE");
}
