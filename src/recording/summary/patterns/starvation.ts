/**
 * One writer waits much longer than the others. SQLite has no queue: a writer that sleeps 100 ms between its attempts
 * loses against others that come and go meanwhile. It counts where a process waited a second and more (what a person
 * notices), four times as long as the others did on average, and got the lock less often; there are at least two
 * others with ten holds each, or "the others" would be one unlucky moment.
 */
import type { CountsLine, LockLine, WaitLine } from "../../lines.ts";
import type { Starvation } from "../pattern.ts";
import { ByPath, type PatternRule } from "../rule.ts";
import { isWriteHold, wantedWith } from "../wanted.ts";

const MOST_PIDS = 2_000;
const NOTICED_MS = 1_000;
const MUCH_LONGER = 4;
const OTHERS = 2;
const HOLDS_EACH = 10;

interface Writer {
  readonly pid: number;
  got: number;
  waitedMs: number;
  longestMs: number;
  longestSql: string | null;
}

export class StarvationRule implements PatternRule {
  readonly #byPath = new ByPath(() => new Map<number, Writer>());

  wait(line: WaitLine): void {
    if (wantedWith(line) !== "write") return;
    const writer = this.#writer(line);
    writer.waitedMs += line.waitedMs;
    if (line.waitedMs <= writer.longestMs) return;
    writer.longestMs = line.waitedMs;
    writer.longestSql = line.sql;
  }

  lock(line: LockLine): void {
    if (isWriteHold(line)) this.#writer(line).got++;
  }

  counts(line: CountsLine): void {
    const got = (line.holds.WRITE?.times ?? 0) + (line.holds.RESERVED?.times ?? 0);
    if (got === 0 && line.waits.times === 0) return;
    const writer = this.#writer(line);
    writer.got += got;
    writer.waitedMs += line.waits.totalMs;
  }

  found(): Starvation[] {
    return [...this.#byPath].flatMap(([path, byPid]) => {
      const writers = [...byPid.values()].sort((a, b) => b.waitedMs - a.waitedMs);
      const [hungry, ...rest] = writers;
      const others = rest.filter(({ got }) => got >= HOLDS_EACH);
      if (hungry === undefined || hungry.waitedMs < NOTICED_MS || others.length < OTHERS) return [];
      const othersWaitedMs = average(others.map(({ waitedMs }) => waitedMs));
      const othersGot = average(others.map(({ got }) => got));
      if (hungry.waitedMs < MUCH_LONGER * othersWaitedMs || hungry.got * 2 > othersGot) return [];
      const { pid, waitedMs, got, longestMs, longestSql } = hungry;
      return [
        {
          ...{ id: "starvation", severity: "warning", sure: "proved", path, pids: [pid], sql: longestSql },
          evidence: { waitedMs, got, longestMs, others: others.length, othersWaitedMs, othersGot },
          ...{ fix: "shorter-sleeps", explain: "busy" },
        } satisfies Starvation,
      ];
    });
  }

  #writer({ path, pid }: { readonly path: string; readonly pid: number }): Writer {
    const byPid = this.#byPath.of(path);
    let writer = byPid.get(pid);
    if (writer === undefined) {
      writer = { pid, got: 0, waitedMs: 0, longestMs: 0, longestSql: null };
      if (byPid.size < MOST_PIDS) byPid.set(pid, writer);
    }
    return writer;
  }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
