/**
 * What went on when a recorder was killed: its last `open` line is all that is known of it, and says that it went on
 * until then, at least. Pure.
 */
import type { Run } from "../history/history.ts";
import type { LockLine, RecordingLine, TransactionLine, WaitLine } from "../lines.ts";

export type Unfinished = LockLine | WaitLine | TransactionLine;

interface LastOpen {
  readonly atMs: number;
  readonly byKey: Map<string, Unfinished>;
}

export class UnfinishedLines {
  readonly #runs: readonly Run[];
  /** Of each run that was cut, by its index. */
  readonly #last = new Map<number, LastOpen>();

  constructor(runs: readonly Run[]) {
    this.#runs = runs;
  }

  /** To be called with all lines, in their order. */
  add(line: RecordingLine): void {
    if (line.type === "open") {
      const run = this.#runs.findLastIndex(({ fromMs }) => fromMs <= line.atMs);
      if (this.#runs[run]?.end !== "cut") return;
      const all = [...line.locks, ...line.waits, ...line.transactions];
      this.#last.set(run, { atMs: line.atMs, byKey: new Map(all.map((each) => [keyOf(each), each])) });
    } else if (this.#last.size > 0 && (line.type === "lock" || line.type === "wait" || line.type === "transaction")) {
      for (const { byKey } of this.#last.values()) byKey.delete(keyOf(line));
    }
  }

  /** After the last line: what has no line of its own, with the time until which it is known. */
  end(): Unfinished[] {
    return [...this.#last.values()].flatMap(({ atMs, byKey }) =>
      [...byKey.values()].map((line): Unfinished => {
        if (line.type === "wait") return { ...line, waitedMs: Math.max(line.waitedMs, atMs - line.fromMs) };
        return { ...line, toMs: atMs, atLeast: true };
      }),
    );
  }
}

function keyOf(line: Unfinished): string {
  const lock = line.type === "transaction" ? "" : line.lock;
  return `${line.type} ${line.pid} ${line.startTicks} ${line.tid} ${lock} ${line.fromMs} ${line.path}`;
}
