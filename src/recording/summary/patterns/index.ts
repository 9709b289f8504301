/** The rules for patterns, in the order in which they are shown: what made calls fail first. */
import { StatementKinds } from "../../sql/kinds.ts";
import type { PatternRule } from "../rule.ts";
import { BusySnapshotRule } from "./busy-snapshot.ts";
import { CheckpointKeptBusyRule } from "./checkpoint-kept-busy.ts";
import { NoBusyTimeoutRule } from "./no-busy-timeout.ts";
import { OneTransactionPerRowRule } from "./one-transaction-per-row.ts";
import { OversleepRule } from "./oversleep.ts";
import { ReadThenWriteRule } from "./read-then-write.ts";
import { SameProcessConnectionsRule } from "./same-process-connections.ts";
import { StarvationRule } from "./starvation.ts";
import { ThinkTimeRule } from "./think-time.ts";

/** New ones, for one recording. */
export function patternRules(): PatternRule[] {
  const kinds = new StatementKinds();
  return [
    new ReadThenWriteRule(kinds),
    new BusySnapshotRule(),
    new NoBusyTimeoutRule(kinds),
    new SameProcessConnectionsRule(),
    new ThinkTimeRule(),
    new StarvationRule(),
    new CheckpointKeptBusyRule(),
    new OneTransactionPerRowRule(kinds),
    new OversleepRule(),
  ];
}
