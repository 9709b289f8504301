/** Findings that one look may be wrong about are looked at again before they are reported. */

import { type Related, relate } from "../model/relate.ts";
import type { Finding, FindingId } from "../model/report.ts";
import type { DatabaseSnapshot, Snapshot, Target } from "../model/snapshot.ts";
import { sleep } from "../time.ts";
import { diagnose } from "./index.ts";
import { suspectsOfLostLocks } from "./lost-locks.ts";

/**
 * Findings that a program which opens, closes or commits at the moment of a look may look like: they have to stand in
 * several looks.
 */
const PASSING: ReadonlySet<FindingId> = new Set([
  "lost-locks",
  "deleted-file",
  "hot-journal",
  "damaged-wal",
  "leftover-wal",
  "foreign-lock",
  "wal-from-another-file",
  "inherited-handle",
  "open-read-blocks-commit",
]);

/**
 * How often such a finding is looked at again, and how long after the look before, in ms. What makes it look so takes
 * less, but a program that does nothing else is met at it in one look of forty.
 */
const MORE_LOOKS = 4;
const NEXT_LOOK_MS = 30;

/**
 * Of a pool at work a look may say by chance that it waits for itself: who really does so is seen to in nearly every
 * look.
 */
const isDoubtful = (finding: Finding) => finding.id === "same-process-contention" && finding.severity === "warning";

/** What one look says of a database. */
export function findingsOf(
  database: Related,
  seen: DatabaseSnapshot,
  snapshot: Snapshot,
  staleAfterMs: number,
): Finding[] {
  const lostLocks = new Set(suspectsOfLostLocks(database).map((holder) => holder.pid));
  return diagnose({ database, seen, snapshot, staleAfterMs, lostLocks });
}

/** Looks again at these targets, at least at these processes. */
type LookAgain = (targets: readonly Target[], pids: readonly number[]) => Promise<Snapshot>;

/** By database: its findings, less those of a passing moment that do not stand in every one of several looks. */
export async function confirm(
  findings: readonly Finding[][],
  first: Snapshot,
  lookAgain: LookAgain,
  staleAfterMs: number,
): Promise<Finding[][]> {
  const pids = [...first.processes.keys()];
  let confirmed = findings.map((each) => [...each]);
  const doubted = new Set<Finding>();
  for (
    let i = 0;
    i < MORE_LOOKS && confirmed.flat().some((finding) => PASSING.has(finding.id) || isDoubtful(finding));
    i++
  ) {
    await sleep(NEXT_LOOK_MS);
    const next = await lookAgain(
      first.databases.map((database) => database.target),
      pids,
    );
    const gone = new Set(
      pids.filter((pid) => next.processes.get(pid)?.startTicks !== first.processes.get(pid)?.startTicks),
    );
    const again = next.databases.map((database) =>
      findingsOf(relate(database, next, staleAfterMs), database, next, staleAfterMs),
    );
    const stands = (finding: Finding, others: readonly Finding[]) =>
      others.some(
        (other) => other.id === finding.id && finding.pids.every((pid) => other.pids.includes(pid) && !gone.has(pid)),
      );
    confirmed = confirmed.map((each, k) =>
      each.flatMap((finding) => {
        const others = again[k] ?? [];
        if (PASSING.has(finding.id)) return stands(finding, others) ? [finding] : [];
        if (!isDoubtful(finding)) return [finding];
        const other = others.find(({ id, pids }) => id === finding.id && pids[0] === finding.pids[0]);
        if (other !== undefined && isDoubtful(other)) return [finding];
        if (!doubted.has(finding)) {
          doubted.add(finding); // a thread that polls may be awake in one of the looks
          return [finding];
        }
        return other === undefined ? [] : [other];
      }),
    );
  }
  return confirmed;
}
