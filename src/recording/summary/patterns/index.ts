/** The rules for patterns, in the order in which they are shown: what made calls fail first. */
import type { StatementKinds } from "../../sql/kinds.ts";
import type { PatternRule } from "../rule.ts";
import { BusySnapshotRule } from "./busy-snapshot.ts";
import { CheckpointKeptBusyRule } from "./checkpoint-kept-busy.ts";
import { ExclusiveModeRule } from "./exclusive-mode.ts";
import { NoBusyTimeoutRule } from "./no-busy-timeout.ts";
import { OneTransactionPerRowRule } from "./one-transaction-per-row.ts";
import { OversleepRule } from "./oversleep.ts";
import { ReadThenWriteRule } from "./read-then-write.ts";
import { SameProcessConnectionsRule } from "./same-process-connections.ts";
import { StarvationRule } from "./starvation.ts";
import { ThinkTimeRule } from "./think-time.ts";
import { Waiters } from "./waiters.ts";

/** New ones, for one recording. */
export function patternRules(kinds: StatementKinds): PatternRule[] {
  const waiters = new Waiters();
  const readThenWrite = new ReadThenWriteRule(kinds, waiters);
  return [
    { wait: (line) => waiters.wait(line), refusal: (line) => waiters.refusal(line), found: () => [] },
    readThenWrite,
    new BusySnapshotRule(),
    new NoBusyTimeoutRule(kinds, waiters, readThenWrite),
    new SameProcessConnectionsRule(),
    new ThinkTimeRule(kinds),
    new ExclusiveModeRule(kinds),
    new StarvationRule(),
    new CheckpointKeptBusyRule(),
    new OneTransactionPerRowRule(kinds),
    new OversleepRule(),
  ];
}
