/** Findings that a passing moment may look like are confirmed by more looks before they are reported. */
import { relate } from "../model/relate.ts";
import type { Finding } from "../model/report.ts";
import type { Snapshot, Target } from "../model/snapshot.ts";
import { sleep } from "../time.ts";
import { diagnose } from "./diagnose.ts";
import { findingRecord } from "./index.ts";
import type { FindingRecord } from "./shared/record.ts";

/**
 * How many more looks there are, where a record does not say so, and how long after the one before, in ms. What makes a
 * finding appear takes less time, but a program that does nothing else shows it in one look of forty.
 */
const MORE_LOOKS = 4;
const NEXT_LOOK_MS = 30;

/** Looks again at these targets, at least at these processes; `known`: those of which times need not be read again. */
type LookAgain = (
  targets: readonly Target[],
  pids: readonly number[],
  known: Snapshot["processes"],
) => Promise<Snapshot>;

export interface Confirmed {
  /** Less those of a passing moment that too few of several looks show. */
  readonly findings: Finding[];
  /** Neither shown by enough looks nor refuted: some of the looks could not tell. */
  readonly undecided: Finding[];
}

/** By database. */
export async function confirm(
  findings: readonly (readonly Finding[])[],
  first: Snapshot,
  lookAgain: LookAgain,
  staleAfterMs: number,
): Promise<Confirmed[]> {
  const pids = [...first.processes.keys()];
  const targets = first.databases.map((database) => database.target);
  const timed = new Set(findings.flat().flatMap((finding) => (dependsOnTimes(finding) ? finding.pids : [])));
  const ofThreads = pidsOfThreadTables(first);
  const known = new Map([...first.processes].filter(([pid]) => !timed.has(pid) && !ofThreads.has(pid)));
  const missedOnce = new Set<Finding>();
  const undecided = new Set<Finding>();
  let confirmed = findings.map((each) => [...each]);
  for (let i = 0; confirmed.flat().some((finding) => i < looksNeeded(finding)); i++) {
    await sleep(NEXT_LOOK_MS);
    const next = await lookAgain(targets, pids, known);
    const others = next.databases.map((seen) =>
      diagnose({ database: relate(seen, next, staleAfterMs), seen, snapshot: next, staleAfterMs }),
    );
    const same = new Set(
      pids.filter((pid) => next.processes.get(pid)?.startTicks === first.processes.get(pid)?.startTicks),
    );
    const mayMiss = next.locksReadInPart === true && first.locksReadInPart !== true;
    confirmed = confirmed.map((each, k) =>
      each.flatMap((finding) => {
        if (i >= looksNeeded(finding)) return [finding];
        if (mayMiss && !isShown(others[k] ?? [], finding, same)) {
          undecided.add(finding);
          return [finding];
        }
        return confirmedBy(others[k] ?? [], finding, same, missedOnce);
      }),
    );
  }
  return confirmed.map((each) => ({
    findings: each.filter((finding) => !undecided.has(finding)),
    undecided: each.filter((finding) => undecided.has(finding)),
  }));
}

/** Its rule asks how long a process, or its threads, have not run. */
function dependsOnTimes(finding: Finding): boolean {
  return transience(finding) === "in-all-looks-but-one";
}

/** How many more looks there are for it. */
function looksNeeded(finding: Finding): number {
  return transience(finding) === "no" ? 0 : (findingRecord(finding.id)?.moreLooks ?? MORE_LOOKS);
}

/** In which of the further looks it has to be found. */
function transience({ id, severity }: Finding): FindingRecord["transient"] {
  const record = findingRecord(id);
  return record === undefined || record.transientAs?.includes(severity) === false ? "no" : record.transient;
}

/** `same`: processes that are still the same. */
function isShown(others: readonly Finding[], finding: Finding, same: ReadonlySet<number>): boolean {
  return others.some(
    ({ id, pids }) => id === finding.id && finding.pids.every((pid) => pids.includes(pid) && same.has(pid)),
  );
}

/** The finding after one more look, which could show it; none where that look refutes it. */
function confirmedBy(
  others: readonly Finding[],
  finding: Finding,
  same: ReadonlySet<number>,
  missedOnce: Set<Finding>,
): Finding[] {
  switch (transience(finding)) {
    case "no":
      return [finding];
    case "in-every-look":
      return isShown(others, finding, same) ? [finding] : [];
    case "in-all-looks-but-one": {
      const other = others.find(({ id, pids }) => id === finding.id && pids[0] === finding.pids[0]);
      if (other !== undefined && transience(other) !== "no") return [finding];
      if (missedOnce.has(finding)) return other === undefined ? [] : [other];
      missedOnce.add(finding); // a thread that polls may be awake in one of the looks
      return [finding];
    }
  }
}

/** Processes of which a thread has descriptors of its own: more than the process's must be read. */
function pidsOfThreadTables({ databases }: Snapshot): Set<number> {
  return new Set(
    databases.flatMap(({ handles }) =>
      [...handles].flatMap(([pid, seen]) => (seen.some(({ thread }) => thread !== undefined) ? pid : [])),
    ),
  );
}
