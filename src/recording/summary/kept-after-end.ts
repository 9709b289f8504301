/**
 * A write lock that stays after the transaction that took it has ended: locking_mode = EXCLUSIVE keeps it until the
 * connection closes (and the VFS unix-excl takes it even to read). Pure.
 */
import type { StatementFact, TransactionLine } from "../lines.ts";
import { beginsTransaction, changesData, endsTransaction } from "../sql/kind.ts";
import type { StatementKinds } from "../sql/kinds.ts";

/** The lock of a transaction goes with its last statement; the rest is scheduling. */
const SCHEDULED_WITHIN_MS = 20;
const DONE: ReadonlySet<string | null> = new Set(["SQLITE_DONE", "SQLITE_OK"]);

/**
 * For so long the lock was kept after the end of the last transaction; null: it was not, or that is not known. What is
 * found is likely: a statement before the recording may have begun a transaction.
 */
export function keptAfterEndMs(line: TransactionLine, kinds: StatementKinds): number | null {
  const { statements, moreStatements, toMs, writeFromMs, program } = line;
  if (program !== undefined) return null; // the program itself says until when it was open
  if (toMs === null || writeFromMs === null || moreStatements > 0) return null;
  const endMs = endOf(statements, kinds);
  return endMs === null || endMs < line.fromMs || toMs - endMs < SCHEDULED_WITHIN_MS ? null : toMs - endMs;
}

/** When the last of the statements was done, with no transaction open after it; else null. */
function endOf(statements: readonly StatementFact[], kinds: StatementKinds): number | null {
  let isOpen = false;
  let endMs: number | null = null;
  for (const { sql, atMs, ms, result, times = 1 } of statements) {
    if (sql === null || times > 1) return null;
    const kind = kinds.of(sql);
    if (!isOpen && (kind === "rollback-to" || kind === "release" || kind === "savepoint")) return null;
    if (beginsTransaction(kind)) isOpen = true;
    else if (endsTransaction(kind) && DONE.has(result)) isOpen = false;
    if (isOpen) continue;
    const isWhole = endsTransaction(kind) || changesData(kind) || kind === "select" || kind === "pragma";
    if (!isWhole || !DONE.has(result)) return null;
    endMs = atMs + ms;
  }
  return isOpen ? null : endMs;
}
