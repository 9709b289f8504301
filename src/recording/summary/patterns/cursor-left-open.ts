/**
 * A read outside of any transaction that went on after the call had returned: a cursor whose rows were not all fetched
 * holds its lock, so that a rollback journal cannot be committed and a WAL cannot be reset. From one second on: the
 * longest that a program needs for the rows of a page. The kernel shows it with its calls; of samples it is likely,
 * where the lines of code are known, and no transaction and no call of the program went on for as long.
 */
import type { LockName } from "../../../sqlite/locks.ts";
import type { CallSite, CountsLine, LockLine, TransactionLine } from "../../lines.ts";
import { beginsTransaction } from "../../sql/kind.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import type { CursorLeftOpen } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";
import { isReadMark } from "../wanted.ts";

const LONG_MS = 1_000;
const MOST = 1_000;
/** Samples see a lock up to so long before or after the call that took it. */
const SAMPLED_SLACK_MS = 100;

interface Span {
  readonly pid: number;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Sampled extends Span {
  readonly sql: string | null;
  readonly callSite: CallSite;
}

interface Reads {
  readonly proved: Evidence;
  readonly sites: Sites;
  readonly sampled: Sampled[];
  /** What the program itself says that went on: transactions, and calls outside of them. */
  readonly told: Span[];
  isWal: boolean;
  readonly shared: Sampled[];
}

export class CursorLeftOpenRule implements PatternRule {
  readonly #kinds: StatementKinds;
  readonly #byPath = new ByPath(
    (): Reads => ({
      ...{ proved: new Evidence(), sites: new Sites(), sampled: [], told: [], isWal: false, shared: [] },
    }),
  );

  constructor(kinds: StatementKinds) {
    this.#kinds = kinds;
  }

  transaction(line: TransactionLine): void {
    const { program, callSite, path, pid, fromMs, toMs, kind, outsideMs, statements } = line;
    const reads = this.#byPath.of(path);
    if (program !== undefined) keep(reads.told, { pid, fromMs, toMs: toMs ?? Number.POSITIVE_INFINITY });
    // a program tells of a statement by itself until its last row
    if (program !== undefined && program.alone !== true) return;
    if (callSite === null || kind !== "read" || outsideMs === null || outsideMs < LONG_MS) return;
    if (statements.some(({ sql }) => sql !== null && beginsTransaction(this.#kinds.of(sql)))) return;
    reads.proved.add(pid, statements.find(({ sql }) => sql !== null)?.sql ?? null, outsideMs);
    reads.sites.add(callSite, outsideMs);
  }

  counts({ path, pid, fromMs, toMs }: CountsLine): void {
    keep(this.#byPath.of(path).told, { pid, fromMs, toMs });
  }

  lock({ path, pid, lock, lockType, fromMs, toMs, sql, callSite }: LockLine): void {
    const reads = this.#byPath.of(path);
    if (isOfWal(lock)) reads.isWal = true;
    // of the kernel's, the transaction tells more
    if (callSite?.sure !== "likely" || lockType !== "read" || toMs === null || toMs - fromMs < LONG_MS) return;
    if (isReadMark(lock)) keep(reads.sampled, { pid, fromMs, toMs, sql, callSite });
    else if (lock === "SHARED") keep(reads.shared, { pid, fromMs, toMs, sql, callSite });
  }

  found(): CursorLeftOpen[] {
    return [...this.#byPath].flatMap(([path, reads]) => {
      const { proved, sites, sampled, shared, isWal } = reads;
      const isProved = proved.times > 0;
      const evidence = isProved ? proved : new Evidence();
      // in WAL mode every open connection has SHARED
      for (const read of isProved ? [] : isWal ? sampled : shared) {
        const ms = openMs(read, reads.told);
        if (ms < LONG_MS) continue;
        evidence.add(read.pid, read.sql, ms);
        // the line is that of the begin: if other work was in it, it is not known which call left it open
        if (read.toMs - read.fromMs - ms < SAMPLED_SLACK_MS) sites.add(read.callSite, ms);
      }
      const { times, longestMs, totalMs, pids, sql } = evidence;
      if (times === 0) return [];
      return [
        {
          ...{ id: "cursor-left-open", severity: "warning", sure: isProved ? "proved" : "likely", path, pids, sql },
          evidence: { times, longestMs, totalMs, ...known("readAt", sites.first) },
          ...{ fix: "finish-cursors", explain: "checkpoint" },
        } satisfies CursorLeftOpen,
      ];
    });
  }
}

/** A lock of the -shm file: with samples, one of another kind may have been too short to be seen. */
function isOfWal(lock: LockName): boolean {
  return lock === "DMS" || lock === "WRITE" || lock === "CKPT" || lock === "RECOVER" || isReadMark(lock);
}

/** For so long it went on without anything that the program tells of. */
function openMs({ pid, fromMs, toMs }: Sampled, told: readonly Span[]): number {
  let sinceMs = fromMs;
  for (const each of told) if (each.pid === pid && each.fromMs < toMs) sinceMs = Math.max(sinceMs, each.toMs);
  return toMs - sinceMs;
}

function keep<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > MOST) list.shift();
}
