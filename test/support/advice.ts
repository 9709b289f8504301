/** Evidence for advice, of a recording in which nothing is to be changed. */
import type { Evidence, WaitEvidence, WalEvidence } from "../../src/recording/advice/evidence.ts";
import { AdviceGatherer } from "../../src/recording/advice/gather.ts";
import { Durations } from "../../src/recording/distribution/durations.ts";
import type { RecordingLine } from "../../src/recording/lines.ts";
import type { Pattern } from "../../src/recording/summary/pattern.ts";
import { Tally } from "../../src/recording/summary/tally.ts";

const PATH = "/srv/app/db.sqlite3";

export function quantiles(...lengthsMs: readonly number[]) {
  const durations = new Durations();
  for (const ms of lengthsMs) durations.add(ms);
  return durations.quantiles;
}

export function waitEvidence(given: Partial<WaitEvidence> = {}): WaitEvidence {
  const lengths = quantiles(12, 30, 80);
  return { lengths, likelyLongest: lengths.longest, timedOut: 0, atOnce: 0, gaveUpAfterMs: null, ...given };
}

export function walEvidence(given: Partial<WalEvidence> = {}): WalEvidence {
  return {
    ...{ mostBytes: 4_120_032, mostUncopied: 900, uncopiedMs: 0, mostPinned: 100, pinnedMs: 0, pinnedBy: [] },
    ...given,
  };
}

export function evidence(given: Partial<Evidence> = {}): Evidence {
  return {
    ...{ path: PATH, source: "kernel", watchedMs: 60_000, journalMode: "wal", writers: 2, openedWithMs: [] },
    ...{ writeHolds: quantiles(5, 8, 20), waits: waitEvidence(), timeouts: [], readersAndCommits: null },
    ...{ patterns: [], wal: walEvidence(), idleWriters: null, ...given },
  };
}

/** What the lines of a recording give. */
export function evidenceOf(lines: readonly RecordingLine[], endMs: number, exact = true): Evidence {
  const gatherer = new AdviceGatherer();
  const tally = new Tally();
  for (const line of lines) {
    gatherer.add(line);
    tally.add(line);
  }
  const { patterns } = tally.summary(endMs);
  const [first] = gatherer.evidence({ watchedMs: endMs, endMs, exact, patterns });
  if (first === undefined) throw new Error("no database");
  return first;
}

/** A pattern with no more than what advice reads of it. */
export function patternWith<Id extends Pattern["id"]>(
  id: Id,
  given: object,
  sure: Pattern["sure"] = "proved",
): Extract<Pattern, { readonly id: Id }> {
  return { id, sure, path: PATH, pids: [4250], evidence: given } as unknown as Extract<Pattern, { readonly id: Id }>;
}
