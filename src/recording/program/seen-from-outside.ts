/** What the kernel's events have shown of calls lately: the programs tell of the same ones. Pure. */
import type { CountsLine, RecordingLine, RefusalLine, TransactionLine, WaitLine } from "../lines.ts";

const MOST = 2_000;
/** The program reads the clock before and after the call. */
const SLACK_MS = 1;

export class SeenFromOutside {
  #refused: (WaitLine | RefusalLine)[] = [];
  #transactions: TransactionLine[] = [];

  add(line: RecordingLine): void {
    if (line.type === "wait" || line.type === "refusal") this.#refused = added(this.#refused, line);
    else if (line.type === "transaction") this.#transactions = added(this.#transactions, line);
  }

  /** `told`: by the program. */
  hasRefusal(told: RefusalLine): boolean {
    return this.#refused.some((line) => isRefusalOf(line, told));
  }

  /** One of the same time; of counted statements, any. */
  hasTransaction(told: TransactionLine | CountsLine): boolean {
    const toMs = told.toMs ?? Number.POSITIVE_INFINITY;
    return this.#transactions.some(
      (seen) =>
        seen.pid === told.pid &&
        (told.type === "counts" || isSameThread(seen, told)) &&
        (seen.toMs ?? Number.POSITIVE_INFINITY) >= told.fromMs - SLACK_MS &&
        seen.fromMs <= toMs + SLACK_MS,
    );
  }
}

/** The last ones. */
function added<T>(lines: T[], line: T): T[] {
  lines.push(line);
  return lines.length > 2 * MOST ? lines.slice(MOST) : lines;
}

/** Within the same call of the same thread. */
function isRefusalOf(line: WaitLine | RefusalLine, told: RefusalLine): boolean {
  if (line.pid !== told.pid || !isSameThread(line, told)) return false;
  const fromMs = line.type === "wait" ? line.fromMs : line.atMs;
  const toMs = line.type === "wait" ? line.fromMs + line.waitedMs : line.atMs;
  return toMs >= told.atMs - told.callMs - SLACK_MS && fromMs <= told.atMs + SLACK_MS;
}

/** A program that does not know its threads tells that of the process. */
function isSameThread(seen: { readonly tid: number }, told: { readonly tid: number; readonly pid: number }): boolean {
  return told.tid === told.pid || seen.tid === told.tid;
}
