/** A key as readline names it. */
export interface KeyPress {
  /** `up`, `return`, `space`, `escape`, or the letter. */
  readonly name?: string | undefined;
  /** The character that it types. */
  readonly char?: string | undefined;
  readonly ctrl?: boolean | undefined;
}
