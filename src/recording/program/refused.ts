/** Calls that were refused as the kernel's events show, for the same ones as the program tells them. Pure. */
import type { RecordingLine, RefusalLine, WaitLine } from "../lines.ts";

const MOST = 2_000;
/** The program reads the clock before and after the call. */
const SLACK_MS = 1;

export class Refused {
  #lines: (WaitLine | RefusalLine)[] = [];

  add(line: WaitLine | RefusalLine): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * MOST) this.#lines = this.#lines.slice(MOST);
  }

  /** `told`: by the program. */
  has(told: RefusalLine): boolean {
    return this.#lines.some((line) => isRefusalOf(line, told));
  }
}

/** Within the same call of the same thread; of a program that does not know its threads, of the same process. */
export function isRefusalOf(line: RecordingLine, told: RefusalLine): boolean {
  if (line.type !== "wait" && line.type !== "refusal") return false;
  if (line.pid !== told.pid || (told.tid !== told.pid && line.tid !== told.tid)) return false;
  const fromMs = line.type === "wait" ? line.fromMs : line.atMs;
  const toMs = line.type === "wait" ? line.fromMs + line.waitedMs : line.atMs;
  return toMs >= told.atMs - told.callMs - SLACK_MS && fromMs <= told.atMs + SLACK_MS;
}
