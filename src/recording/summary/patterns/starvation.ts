/**
 * A writer that others overtake. SQLite has no queue: a writer that sleeps 100 ms between its attempts loses against
 * one that takes the lock again a moment after it has released it. It counts where one process took the lock ten times
 * during one wait of another, which lasted a second and more (what a person notices): in a queue, each would have had
 * its turn once.
 */
import type { CountsLine, LockLine, WaitLine } from "../../lines.ts";
import type { Starvation } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { isWriteHold, wantedWith } from "../wanted.ts";

const NOTICED_MS = 1_000;
const OVERTAKEN = 10;
/** Write holds that are remembered, and processes. */
const MOST_HOLDS = 10_000;
const MOST_PIDS = 2_000;

interface Writer {
  got: number;
  waitedMs: number;
}

/** The last write holds. In numbers alone: there are many, and few are asked for. */
class Holds {
  readonly #pids: number[] = [];
  readonly #fromMs: number[] = [];
  #count = 0;

  add(pid: number, fromMs: number): void {
    const at = this.#count++ % MOST_HOLDS;
    this.#pids[at] = pid;
    this.#fromMs[at] = fromMs;
  }

  /** How often each process took it between these times. */
  takenBetween(fromMs: number, untilMs: number): Map<number, number> {
    const taken = new Map<number, number>();
    for (let at = 0; at < this.#pids.length; at++) {
      const heldFromMs = this.#fromMs[at] ?? 0;
      if (heldFromMs <= fromMs || heldFromMs >= untilMs) continue;
      const pid = this.#pids[at] ?? 0;
      taken.set(pid, (taken.get(pid) ?? 0) + 1);
    }
    return taken;
  }
}

interface Writers {
  readonly holds: Holds;
  readonly byPid: Map<number, Writer>;
  readonly starved: Evidence;
  readonly overtakers: Evidence;
}

export class StarvationRule implements PatternRule {
  readonly #byPath = new ByPath(
    (): Writers => ({ holds: new Holds(), byPid: new Map(), starved: new Evidence(), overtakers: new Evidence() }),
  );

  wait(line: WaitLine): void {
    if (wantedWith(line) !== "write" || line.perhapsSeveralCalls === true || line.withinProcess === true) return;
    const writers = this.#byPath.of(line.path);
    const writer = writerOf(writers, line.pid);
    writer.waitedMs += line.waitedMs;
    if (line.waitedMs < NOTICED_MS) return;
    const taken = writers.holds.takenBetween(line.fromMs, line.fromMs + line.waitedMs);
    taken.delete(line.pid);
    if (Math.max(0, ...taken.values()) < OVERTAKEN) return;
    writers.starved.add(line.pid, line.sql, line.waitedMs);
    for (const [pid, times] of taken) writers.overtakers.add(pid, null, 0, times);
  }

  lock(line: LockLine): void {
    if (!isWriteHold(line)) return;
    const writers = this.#byPath.of(line.path);
    writerOf(writers, line.pid).got++;
    writers.holds.add(line.pid, line.fromMs);
  }

  counts({ path, pid, holds, waits }: CountsLine): void {
    const got = (holds.WRITE?.times ?? 0) + (holds.RESERVED?.times ?? 0);
    const waitedMs = waits?.totalMs ?? 0;
    if (got === 0 && waitedMs === 0) return;
    const writer = writerOf(this.#byPath.of(path), pid);
    writer.got += got;
    writer.waitedMs += waitedMs;
  }

  found(): Starvation[] {
    return [...this.#byPath].flatMap(([path, { byPid, starved, overtakers }]) => {
      if (starved.times === 0) return [];
      const writers = (pids: readonly number[]) => pids.map((pid) => byPid.get(pid) ?? { got: 0, waitedMs: 0 });
      const others = writers(overtakers.pids);
      return [
        {
          ...{ id: "starvation", severity: "warning", sure: "proved", path, pids: starved.pids, sql: starved.sql },
          evidence: {
            ...{ waits: starved.times, waitedMs: starved.totalMs, longestMs: starved.longestMs },
            ...{ got: writers(starved.pids).reduce((sum, { got }) => sum + got, 0), overtaken: overtakers.times },
            ...{ others: overtakers.processes, othersWaitedMs: average(others.map(({ waitedMs }) => waitedMs)) },
            othersGot: average(others.map(({ got }) => got)),
          },
          ...{ fix: "pause-between", explain: "busy" },
        } satisfies Starvation,
      ];
    });
  }
}

function writerOf({ byPid }: Writers, pid: number): Writer {
  let writer = byPid.get(pid);
  if (writer === undefined) {
    writer = { got: 0, waitedMs: 0 };
    if (byPid.size < MOST_PIDS) byPid.set(pid, writer);
  }
  return writer;
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
