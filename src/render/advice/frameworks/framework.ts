/** How a framework is told what to set. Data; the values are those of the advice. */
import type { Framework } from "../../../recording/summary/frameworks.ts";

/** Of these, a framework has code of its own; the others are no setting, but how a program is written. */
export interface Changes {
  readonly busyTimeout: (ms: number) => Change;
  readonly beginImmediate: Change;
  readonly walMode: Change;
  /** In pages. */
  readonly checkpointInterval: (pages: number) => Change;
  /** Null: in the words that hold for all. */
  readonly oneConnection: Change | null;
}

export interface FrameworkWords {
  /** After --advice. */
  readonly id: string;
  readonly name: string;
  /** What fixes.ts calls it, for what is no setting; null: it has no words for it. */
  readonly cures: Framework | null;
  readonly changes: Changes;
}

export interface Change {
  /** Where it belongs: `settings.py, OPTIONS of DATABASES`. */
  readonly where: string;
  /** Lines that can be copied. */
  readonly code: readonly string[];
  /** From which version on, and what it does besides; null: nothing. */
  readonly note: string | null;
}

/** For settings in seconds: `20`, `1.5`. */
export function inSeconds(ms: number): string {
  return String(Math.ceil(ms / 100) / 10);
}
