/** The counter below the live lines. Pure. */

import type { RecordingLine } from "../../recording/lines.ts";
import type { Live } from "../../recording/live.ts";
import { count, grouped } from "../../text/list.ts";
import { cut } from "../layout.ts";
import type { Style } from "../style.ts";
import { time } from "./words.ts";

export interface Counter {
  readonly forMs: number;
  /** Null: they cannot be seen. */
  readonly waits: number | null;
  readonly longestMs: number;
  /** Calls that returned SQLITE_BUSY. */
  readonly busy: number;
  /** Waits that go on now, and the time of the longest of them. */
  readonly waiting: number;
  readonly waitingMs: number;
  /** Transactions that are open now. */
  readonly transactions: number;
  readonly isAnyLost: boolean;
}

/** The last line of the terminal. */
export function counterText(counter: Counter, { width, ellipsis, chalk }: Style): string {
  const { forMs, waits, longestMs, busy, waiting, waitingMs, transactions, isAnyLost } = counter;
  const longest = waits === 0 ? "" : ` (longest ${time(longestMs)})`;
  const parts = [
    waits === null ? "waits not seen" : `${isAnyLost ? "at least " : ""}${count(waits, "wait")}${longest}`,
    ...(busy === 0 ? [] : [`${grouped(busy)} SQLITE_BUSY`]),
    ...(waiting === 0 ? [] : [`${grouped(waiting)} waiting now (${time(waitingMs)})`]),
    `${grouped(transactions)} open`,
  ];
  const text = `${time(Math.floor(forMs / 100) * 100)}: ${parts.join(", ")}`;
  const noun = transactions === 1 ? "transaction" : "transactions";
  const whole = `${text} ${noun}. Ctrl-C stops recording`;
  const line = cut(whole.length < width ? whole : text, width - 1, ellipsis);
  return chalk?.dim(line) ?? line;
}

/** What the last line of the terminal counts. */
export class LineCounter {
  readonly #minWaitMs: number;
  #waits = 0;
  #longestMs = 0;
  #busy = 0;
  #isAnyLost = false;

  constructor(minWaitMs: number) {
    this.#minWaitMs = minWaitMs;
  }

  add(line: RecordingLine): void {
    if (line.type === "gap") this.#isAnyLost = true;
    else if (line.type === "refusal") this.#busy += isBusy(line.result) ? 1 : 0;
    else if (line.type === "wait") {
      if (isBusy(line.result)) this.#busy += 1;
      if (line.waitedMs < this.#minWaitMs) return;
      this.#waits += 1;
      this.#longestMs = Math.max(this.#longestMs, line.waitedMs);
    }
  }

  now({ waits, transactions }: Live, forMs: number): Counter {
    return {
      forMs,
      waits: this.#waits,
      longestMs: this.#longestMs,
      busy: this.#busy,
      waiting: waits.length,
      waitingMs: waits.reduce((most, { waitedMs }) => Math.max(most, waitedMs), 0),
      transactions,
      isAnyLost: this.#isAnyLost,
    };
  }
}

/** Also an extended one. Others are SQLITE_LOCKED, or the row of a PRAGMA wal_checkpoint that gave up. */
function isBusy(result: string | null): boolean {
  return result?.startsWith("SQLITE_BUSY") === true;
}
