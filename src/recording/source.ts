/** Where the events of a recording come from. */
import { UserError } from "../errors.ts";
import type { SourceEvent } from "./source-event.ts";

export const SOURCES = ["kernel", "sampled"] as const;

/** The kernel's trace events, or readings of /proc/locks. */
export type SourceKind = (typeof SOURCES)[number];

/** Of --source. @throws UserError */
export function parseSource(text: string): SourceKind {
  const found = SOURCES.find((each) => each === text);
  if (found === undefined)
    throw new UserError("usage", `--source ${JSON.stringify(text)} is not a source`, `choose ${SOURCES.join(" or ")}`);
  return found;
}

export interface RecordingSource {
  readonly kind: SourceKind;
  /** The start of the recording on CLOCK_MONOTONIC. */
  readonly startNs: bigint;
  /** What was held before is read, and what can be prepared is: a command may start. */
  readonly ready: Promise<void>;
  /** Now, in ms since the start of the recording. */
  readonly nowMs: number;
  /** A process that was started just now, with this command line: it may end before /proc is read. */
  started(pid: number, commandLine: readonly [string, ...string[]]): void;
  /** Records this database too from now on: its real path. */
  follow(path: string): void;
  /**
   * Delivers what has happened since the last call, in the order of time. To be called some 20 times a second. @returns
   * until when everything was delivered, ms
   */
  drain(sink: (event: SourceEvent) => void): number;
  /** Delivers the rest, and records no more. To be called once, and `abandon` after it. @returns as `drain` */
  stop(sink: (event: SourceEvent) => void): Promise<number>;
  /** Removes whatever it made, and delivers nothing. Never throws; may be called again. */
  abandon(): void;
}
