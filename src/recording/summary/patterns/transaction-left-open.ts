/**
 * A task, a thread or a request ended and its transaction was still open, or a connection was closed or dropped with
 * its changes, or its process ended with them: they were rolled back. Once is enough where it wrote: work is lost, or
 * others wait. A transaction that has only read counts from one second on, if what ended has left it: closing a
 * connection is a good end of it.
 */
import type { RefusalLine, TransactionLine, WaitLine } from "../../lines.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import { Overlaps } from "../overlaps.ts";
import type { TransactionLeftOpen } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";

const LONG_READ_MS = 1_000;

type Ended = TransactionLeftOpen["evidence"]["ended"];

interface Left {
  readonly evidence: Evidence;
  readonly ended: Map<Ended, number>;
  writes: number;
  readonly begun: Sites;
  readonly endedAt: Sites;
  readonly overlaps: Overlaps;
}

export class TransactionLeftOpenRule implements PatternRule {
  readonly #kinds: StatementKinds;
  /** The latest time that was told of. */
  #nowMs = 0;
  readonly #byPath = new ByPath(
    (): Left => ({
      ...{ evidence: new Evidence(), ended: new Map(), writes: 0, begun: new Sites(), endedAt: new Sites() },
      overlaps: new Overlaps(),
    }),
  );

  constructor(kinds: StatementKinds) {
    this.#kinds = kinds;
  }

  wait(line: WaitLine): void {
    this.#byPath.of(line.path).overlaps.wait(line);
  }

  refusal(line: RefusalLine): void {
    this.#byPath.of(line.path).overlaps.refusal(line);
  }

  transaction(line: TransactionLine): void {
    const { program, path, pid, fromMs, writeFromMs, callSite, statements } = line;
    this.#nowMs = Math.max(this.#nowMs, line.toMs ?? fromMs);
    if (program === undefined) return;
    const { leftOpenBy, endedBy, endedAt } = program;
    const toMs = line.toMs ?? this.#nowMs;
    const isWrite = writeFromMs !== null;
    const lost = endedBy ?? (line.outcome === "process-ended" ? "process" : null);
    const by = leftOpenBy ?? (isWrite ? lost : null);
    if (by === null || (!isWrite && toMs - fromMs < LONG_READ_MS)) return;
    const left = this.#byPath.of(path);
    left.evidence.add(pid, this.#kinds.firstOf(statements), toMs - fromMs);
    left.ended.set(by, (left.ended.get(by) ?? 0) + 1);
    left.begun.add(callSite);
    left.endedAt.add(endedAt);
    if (!isWrite) return;
    left.writes += 1;
    left.overlaps.held(pid, writeFromMs, toMs);
  }

  found(): TransactionLeftOpen[] {
    return [...this.#byPath].flatMap(([path, { evidence, ended, writes, begun, endedAt, overlaps }]) => {
      const [most] = [...ended].sort((a, b) => b[1] - a[1]);
      if (most === undefined) return [];
      const { times, longestMs, totalMs, pids, sql } = evidence;
      return [
        {
          ...{ id: "transaction-left-open", severity: "warning", sure: "proved", path, pids, sql },
          evidence: {
            ...{ times, ended: most[0], writes, longestMs, totalMs, blockedMs: overlaps.blockedMs },
            ...{ ...known("begunAt", begun.first), ...known("endedAt", endedAt.first) },
          },
          ...{ fix: "end-transactions", explain: "transaction" },
        } satisfies TransactionLeftOpen,
      ];
    });
  }
}
