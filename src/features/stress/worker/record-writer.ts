/** Writes records to descriptor 3. A written record survives a kill of this process. */
import { writeSync } from "node:fs";
import { encode, MAX_RECORDS, RECORD_BYTES, type RecordFields, type StressRecord } from "../records.ts";

const FD = 3;

/** A buffered record is written after this time at the latest, with the next one. */
const MAX_DELAY_MS = 100;

export class RecordWriter {
  readonly #buffer = Buffer.alloc(RECORD_BYTES * MAX_RECORDS);
  #buffered = 0;
  #flushedAtMs = 0;

  /** Returns when the record is in the pipe. @throws EPIPE where the parent has ended */
  write(record: RecordFields): void {
    this.#add(record);
    this.#flush();
  }

  /** For records on which nothing depends: they may be lost with this process. */
  writeLater(record: RecordFields & Pick<StressRecord, "atMs">): void {
    this.#add(record);
    if (this.#buffered < MAX_RECORDS && record.atMs - this.#flushedAtMs < MAX_DELAY_MS) return;
    this.#flushedAtMs = record.atMs;
    this.#flush();
  }

  #add(record: RecordFields): void {
    encode(record, this.#buffer, this.#buffered * RECORD_BYTES);
    this.#buffered++;
  }

  #flush(): void {
    const bytes = this.#buffered * RECORD_BYTES;
    this.#buffered = 0;
    for (let at = 0; at < bytes; ) at += writeSync(FD, this.#buffer, at, bytes - at);
  }
}
