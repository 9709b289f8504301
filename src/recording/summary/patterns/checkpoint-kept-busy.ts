/**
 * A checkpoint waited for readers (RESTART and TRUNCATE need every reader to be at the end of the WAL): the one that
 * gave up did not do what it was called for, and one that waited held writers up meanwhile. From 100 ms on, as long as
 * the longest sleep of SQLite's busy handler; below, a reader was just passing by. What passive checkpoints try and
 * give up silently is no sign: it is so beside every reader.
 */
import type { BlockerFact, CallSite, WaitLine } from "../../lines.ts";
import type { CheckpointKeptBusy } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known } from "../sites.ts";
import { isReadMark, wantedWith } from "../wanted.ts";

const NOTICED_MS = 100;

interface Kept {
  readonly checkpoints: Evidence;
  readonly readers: Evidence;
  longestReadMs: number;
  sql: string | null;
  readAt: CallSite | null;
  refused: number;
  gaveUp: number;
  waitedMs: number;
}

export class CheckpointKeptBusyRule implements PatternRule {
  readonly #byPath = new ByPath(
    (): Kept => ({
      ...{ checkpoints: new Evidence(), readers: new Evidence(), longestReadMs: 0, sql: null },
      readAt: null,
      ...{ refused: 0, gaveUp: 0, waitedMs: 0 },
    }),
  );

  wait(line: WaitLine): void {
    if (wantedWith(line) !== "checkpoint" || line.perhapsSeveralCalls === true) return;
    const readers = line.blockers.filter(isReader);
    if (readers.length === 0) return;
    const kept = this.#byPath.of(line.path);
    kept.checkpoints.add(line.pid, line.sql, line.waitedMs);
    kept.refused += line.attempts;
    kept.waitedMs += line.waitedMs;
    if (line.outcome === "gave-up") kept.gaveUp++;
    for (const { pid, sql, heldMs, blockedMs, callSite } of readers) {
      kept.readers.add(pid, sql, blockedMs);
      if (heldMs <= kept.longestReadMs) continue;
      kept.longestReadMs = heldMs;
      kept.sql = sql;
      kept.readAt = callSite;
    }
  }

  found(): CheckpointKeptBusy[] {
    return [...this.#byPath]
      .filter(([, { waitedMs, gaveUp }]) => waitedMs >= NOTICED_MS || gaveUp > 0)
      .map(([path, { checkpoints, readers, longestReadMs, sql, readAt, refused, gaveUp, waitedMs }]) => ({
        ...{ id: "checkpoint-kept-busy", severity: "warning", sure: "proved", path, pids: checkpoints.pids, sql },
        evidence: {
          ...{ refused, waitedMs, checkpoints: checkpoints.times, gaveUp },
          ...{ readers: readers.processes, readerPids: readers.pids, longestReadMs },
          ...known("readAt", readAt),
        },
        ...{ fix: "end-reads", explain: "checkpoint" },
      }));
  }
}

function isReader({ lock, lockType }: BlockerFact): boolean {
  return lockType === "read" && isReadMark(lock);
}
