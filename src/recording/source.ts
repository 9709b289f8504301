/** Where the events of a recording come from. */
import type { SourceEvent } from "./source-event.ts";

export interface RecordingSource {
  readonly kind: "kernel" | "sampled";
  /** The start of the recording on CLOCK_MONOTONIC. */
  readonly startNs: bigint;
  /** Now, in ms since the start of the recording. */
  readonly nowMs: number;
  /**
   * Delivers what has happened since the last call, in the order of time. To be called some 20 times a second. @returns
   * until when everything was delivered, ms
   */
  drain(sink: (event: SourceEvent) => void): number;
  /** Delivers the rest, and removes whatever it made. To be called once. @returns as `drain` */
  stop(sink: (event: SourceEvent) => void): Promise<number>;
  /** Without delivering anything: at a signal that leaves no time, or an error. Never throws; may be called again. */
  abandon(): void;
}
