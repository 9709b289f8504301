/**
 * A process kept the write lock after its transaction had ended: a commit does not help the others there. From 100 ms
 * on where others waited for it meanwhile (as long as the longest sleep of SQLite's busy handler), and from one second
 * on where nobody did.
 */
import type { LockLine, TransactionLine, WaitLine } from "../../lines.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import { keptAfterEndMs } from "../kept-after-end.ts";
import { KeptLocks } from "../kept-locks.ts";
import { Overlaps } from "../overlaps.ts";
import type { ExclusiveMode } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";

const NOTICED_MS = 100;
const LONG_MS = 1_000;

interface Kept {
  readonly evidence: Evidence;
  readonly overlaps: Overlaps;
}

export class ExclusiveModeRule implements PatternRule {
  readonly #kinds: StatementKinds;
  readonly #locks = new KeptLocks();
  readonly #byPath = new ByPath((): Kept => ({ evidence: new Evidence(), overlaps: new Overlaps() }));

  constructor(kinds: StatementKinds) {
    this.#kinds = kinds;
  }

  wait(line: WaitLine): void {
    this.#byPath.of(line.path).overlaps.wait(line);
  }

  transaction(line: TransactionLine): void {
    const keptMs = keptAfterEndMs(line, this.#kinds);
    const { path, pid, toMs, statements } = line;
    if (keptMs === null) this.#locks.transaction(line);
    if (keptMs === null || keptMs < NOTICED_MS || toMs === null) return;
    const { evidence, overlaps } = this.#byPath.of(path);
    evidence.add(pid, statements.at(-1)?.sql ?? null, keptMs);
    overlaps.held(pid, toMs - keptMs, toMs);
  }

  lock(line: LockLine): void {
    const { path, pid } = line;
    for (const { fromMs, toMs, sql } of this.#locks.lock(line)) {
      if (toMs - fromMs < NOTICED_MS) continue;
      const { evidence, overlaps } = this.#byPath.of(path);
      evidence.add(pid, sql, toMs - fromMs);
      overlaps.held(pid, fromMs, toMs);
    }
  }

  found(): ExclusiveMode[] {
    return [...this.#byPath].flatMap(([path, { evidence, overlaps }]) => {
      const inTheWay = overlaps.blockedMs >= NOTICED_MS;
      if (evidence.longestMs < (inTheWay ? NOTICED_MS : LONG_MS)) return [];
      const { times, totalMs, longestMs, pids, sql } = evidence;
      return [
        {
          ...{ id: "exclusive-mode", severity: inTheWay ? "warning" : "info", sure: "likely", path, pids, sql },
          evidence: { times, keptMs: totalMs, longestMs, blockedMs: overlaps.blockedMs },
          ...{ fix: "normal-locking-mode", explain: "transaction" },
        } satisfies ExclusiveMode,
      ];
    });
  }
}
