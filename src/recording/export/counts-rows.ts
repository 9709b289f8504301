/** The rows of a `counts` line: the sums, the locks by name, and how long how many of them were. Pure. */
import type { LockName } from "../../sqlite/locks.ts";
import { type Buckets, upperMs } from "../histogram.ts";
import type { CountsLine } from "../lines.ts";
import type { Cells } from "./cells.ts";

export function countsRows(line: CountsLine, cells: Cells): void {
  const id = cells.next("counts");
  const of = { id, process_id: cells.ids.process(line), database_id: cells.ids.database(line.path) };
  const { toMs, transactions, waits, optionalRefusals } = line;
  cells.put("counts", {
    ...{
      ...of,
      ...cells.from(line.fromMs),
      to_ms: toMs,
      transactions,
      write_transactions: line.writeTransactions ?? 0,
      commits: line.commits ?? 0,
    },
    ...{ waits: waits?.times ?? null, waited_ms: waits?.totalMs ?? null, attempts: waits?.attempts ?? null },
    ...{ runs: line.runs?.times ?? 0, runs_ms: line.runs?.totalMs ?? 0 },
    ...{ gave_up: line.gaveUp ?? 0, refusals: line.refusals ?? 0, optional_refusals: optionalRefusals },
  });
  for (const lock of Object.keys(line.holds) as LockName[]) {
    const holds = line.holds[lock];
    if (holds === undefined) continue;
    const { times, totalMs, longestMs = null, writes = 0, buckets, writeBuckets } = holds;
    // left out where all are write locks, or none
    const writesMs = holds.writesMs ?? (writes === times ? totalMs : 0);
    const sums = { times, total_ms: totalMs, longest_ms: longestMs, writes, writes_ms: writesMs };
    cells.put("counted_locks", { counts_id: id, lock, ...sums });
    putLengths("lock", lock, buckets, id, cells);
    putLengths("write lock", lock, writeBuckets ?? (writes === times ? buckets : undefined), id, cells);
  }
  putLengths("wait", null, waits?.buckets, id, cells);
}

function putLengths(
  what: string,
  lock: LockName | null,
  buckets: Buckets | undefined,
  counts_id: number,
  cells: Cells,
): void {
  for (const [bucket, times] of Object.entries(buckets ?? {}))
    cells.put("counted_lengths", { counts_id, what, lock, up_to_ms: upperMs(Number(bucket)), times });
}
