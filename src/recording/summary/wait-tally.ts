/** The waits of a recording: how many, how long, and how they ended. Pure. */
import type { CountsLine, WaitCounts, WaitLine } from "../lines.ts";
import type { WaitsEnded } from "../summary-line.ts";
import { type Ending, endingOf, gaveUpAtOnce } from "./ended.ts";
import { Sum } from "./sum.ts";

/** What --min-wait is without the option: shorter waits are not listed one by one. */
const LONG_MS = 10;

/** Of a sampled recording: there may have been some. */
export const NO_WAITS: WaitCounts = { times: 0, totalMs: 0 };

export class WaitTally {
  waits = 0;
  longestMs = 0;
  longWaits = 0;
  readonly ended: { -readonly [Name in keyof WaitsEnded]: number } = {
    ...{ granted: 0, busy: 0, locked: 0, unfinished: 0, killed: 0, still: 0, unknown: 0 },
  };
  /** Ended with SQLITE_BUSY, refused once and given up. */
  atOnce = 0;
  /** Ended with SQLITE_BUSY after they had waited; SQLITE_BUSY_SNAPSHOT has another cause. */
  timedOut = 0;
  readonly runs = new Sum();
  readonly withinProcess = new Sum();

  /** How it ended. */
  addWait(line: WaitLine): Ending {
    const { waitedMs, outcome } = line;
    const ending = endingOf(line);
    if (line.perhapsSeveralCalls === true) {
      this.runs.add(1, waitedMs, waitedMs, outcome === "still");
      // One of its calls is known to have ended so.
      if (ending === "busy") this.ended.busy++;
      return ending;
    }
    this.waits++;
    this.ended[ending]++;
    this.longestMs = Math.max(this.longestMs, waitedMs);
    if (waitedMs >= LONG_MS) this.longWaits++;
    if (line.withinProcess === true) this.withinProcess.add(1, waitedMs, waitedMs, outcome === "still");
    if (ending !== "busy") return ending;
    if (gaveUpAtOnce(line)) this.atOnce++;
    else if (line.result !== "SQLITE_BUSY_SNAPSHOT") this.timedOut++;
    return ending;
  }

  addCounts({ waits: counted, runs = NO_WAITS, gaveUp = 0 }: CountsLine): void {
    const waits = counted ?? NO_WAITS;
    this.waits += waits.times;
    this.longestMs = Math.max(this.longestMs, waits.longestMs ?? 0);
    this.runs.add(runs.times, runs.totalMs, runs.longestMs ?? 0, false);
    this.ended.busy += gaveUp;
    const granted = waits.granted ?? 0;
    this.ended.granted += granted;
    this.ended.unknown += Math.max(0, waits.times - gaveUp - granted);
  }
}
