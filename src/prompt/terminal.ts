import type { Readable, Writable } from "node:stream";
import type { Style } from "../render/style.ts";
import type { QuietInput } from "./quiet.ts";

export interface TerminalInput extends Readable {
  readonly fd?: number;
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** A terminal to ask at. */
export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly style: Style;
  /** Of the same input: active between the questions. */
  readonly quiet?: QuietInput;
}
