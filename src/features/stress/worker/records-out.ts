/** Descriptor 3: written at once, so that what was told is not lost with this process. */
import { writeSync } from "node:fs";
import { encode, MOST_RECORDS, RECORD_BYTES, type StressRecord } from "../records.ts";

const FD = 3;

/** What is not told at once, for so long at most, in ms. */
const LATEST_MS = 100;

type Told = Parameters<typeof encode>[0];

export class RecordsOut {
  readonly #buffer = Buffer.alloc(RECORD_BYTES * MOST_RECORDS);
  #kept = 0;
  #lastMs = 0;

  /** Returns when it is in the pipe. @throws EPIPE where the parent has ended */
  send(record: Told): void {
    this.#keep(record);
    this.#flush();
  }

  /** Some may be kept a while: nothing hangs on them. */
  sendLater(record: Told & Pick<StressRecord, "atMs">): void {
    this.#keep(record);
    if (this.#kept < MOST_RECORDS && record.atMs - this.#lastMs < LATEST_MS) return;
    this.#lastMs = record.atMs;
    this.#flush();
  }

  #keep(record: Told): void {
    encode(record, this.#buffer, this.#kept * RECORD_BYTES);
    this.#kept++;
  }

  #flush(): void {
    const bytes = this.#kept * RECORD_BYTES;
    this.#kept = 0;
    for (let at = 0; at < bytes; ) at += writeSync(FD, this.#buffer, at, bytes - at);
  }
}
