/** Where the events of locks come from, and of the files that they are on: readings of /proc/locks, or the kernel. */
import type { SourceKind } from "../../recording/source.ts";
import type { SampleBatch } from "./sampler-thread.ts";

export interface ReaderListener {
  /** The first one comes when it is known what is held; the last one is marked so. */
  readonly onBatch: (batch: SampleBatch) => void;
  readonly onError: (error: unknown) => void;
}

export interface LockReader {
  readonly kind: SourceKind;
  /** To be called once. */
  start(listener: ReaderListener): void;
  /** Delivers the rest. To be called once. @throws where it cannot */
  stop(): Promise<void>;
  /** Ends it without delivering anything. Never throws; may be called again. */
  end(): void;
  /** By attemptsKey(): how many waits of others each lock has caused. Null: it does not see them. */
  readonly blocked: ReadonlyMap<string, number> | null;
}
