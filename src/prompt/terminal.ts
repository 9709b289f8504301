import type { Readable, Writable } from "node:stream";
import type { Style } from "../render/style.ts";

/** A terminal to ask at. */
export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly style: Style;
}
