/**
 * Which process is which over several starts of the machine: after one, a process may have the number of an earlier
 * one, and have started as long after it. Pure.
 */
import type { BlockerFact, RecordingLine } from "../lines.ts";

interface Numbered {
  readonly pid: number;
  readonly startTicks: string | null;
}

const MOST = 100_000;
const MOST_ZEROS = 8;

export class Starts {
  /** By process: the starts of the machine that had one such, in their order. */
  readonly #boots = new Map<string, string[]>();

  /** The line, with a zero in front of `startTicks` for each earlier start that had such a process. */
  of(line: RecordingLine, boot: string): RecordingLine {
    const own = <T extends Numbered>(who: T): T => {
      const zeros = this.#zeros(who, boot);
      return zeros === 0 ? who : { ...who, startTicks: "0".repeat(zeros) + who.startTicks };
    };
    const blocked = <T extends Numbered & { readonly blockers?: readonly BlockerFact[] }>(who: T): T => {
      const { blockers } = who;
      return blockers === undefined ? own(who) : { ...own(who), blockers: blockers.map(own) };
    };
    if (line.type === "open") {
      const [locks, waits, transactions] = [line.locks.map(own), line.waits.map(blocked), line.transactions.map(own)];
      return { ...line, locks, waits, transactions };
    }
    if (line.type === "wal") return { ...line, pinnedBy: line.pinnedBy.map(own) };
    if (line.type === "wait" || line.type === "refusal") return blocked(line);
    return "startTicks" in line ? own(line) : line;
  }

  #zeros({ pid, startTicks }: Numbered, boot: string): number {
    if (startTicks === null) return 0;
    const key = `${pid} ${startTicks}`;
    const boots = this.#boots.get(key);
    if (boots === undefined) {
      if (this.#boots.size < MOST) this.#boots.set(key, [boot]);
      return 0;
    }
    if (!boots.includes(boot) && boots.length < MOST_ZEROS) boots.push(boot);
    return Math.max(0, boots.indexOf(boot));
  }
}
