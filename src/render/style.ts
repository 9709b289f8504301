/** What output looks like on this stream. Colour only repeats what the words say. */
import type { ChalkInstance } from "chalk";

export interface Style {
  /** Columns of the terminal; Infinity where there is none to fit. */
  readonly width: number;
  readonly ellipsis: string;
  /** Null for plain text. */
  readonly chalk: ChalkInstance | null;
}

export const PLAIN: Style = { width: Number.POSITIVE_INFINITY, ellipsis: "...", chalk: null };
