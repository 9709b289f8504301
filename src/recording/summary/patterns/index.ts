/** The rules for patterns, in the order in which they are shown: what made calls fail first. */
import type { StatementKinds } from "../../sql/kinds.ts";
import type { PatternRule } from "../rule.ts";
import { BusySnapshotRule } from "./busy-snapshot.ts";
import { CheckpointKeptBusyRule } from "./checkpoint-kept-busy.ts";
import { CursorLeftOpenRule } from "./cursor-left-open.ts";
import { ExclusiveModeRule } from "./exclusive-mode.ts";
import { MisusedConnectionsRule } from "./misused-connections.ts";
import { NeverClosedRule } from "./never-closed.ts";
import { NoBusyTimeoutRule } from "./no-busy-timeout.ts";
import { OneTransactionPerRowRule } from "./one-transaction-per-row.ts";
import { OversleepRule } from "./oversleep.ts";
import { ReadThenWriteRule } from "./read-then-write.ts";
import { SameProcessConnectionsRule } from "./same-process-connections.ts";
import { SharedMemoryDatabaseRule } from "./shared-memory-database.ts";
import { StarvationRule } from "./starvation.ts";
import { TasksWithOwnConnectionsRule } from "./tasks-with-own-connections.ts";
import { ThinkTimeRule } from "./think-time.ts";
import { TimeoutZeroRule } from "./timeout-zero.ts";
import { TransactionLeftOpenRule } from "./transaction-left-open.ts";
import { Waiters } from "./waiters.ts";
import { ZeroTimeouts } from "./zero-timeouts.ts";

/** New ones, for one recording. */
export function patternRules(kinds: StatementKinds): PatternRule[] {
  const waiters = new Waiters();
  const timeouts = new ZeroTimeouts();
  const readThenWrite = new ReadThenWriteRule(kinds, waiters);
  const noBusyTimeout = new NoBusyTimeoutRule(kinds, waiters, readThenWrite, timeouts);
  return [
    { wait: (line) => waiters.wait(line), refusal: (line) => waiters.refusal(line), found: () => [] },
    { connection: (line) => timeouts.connection(line), found: () => [] },
    readThenWrite,
    new BusySnapshotRule(),
    noBusyTimeout,
    new SameProcessConnectionsRule(kinds),
    new MisusedConnectionsRule(),
    new TransactionLeftOpenRule(kinds),
    new TasksWithOwnConnectionsRule(),
    new ThinkTimeRule(kinds),
    new ExclusiveModeRule(kinds),
    new StarvationRule(),
    new CheckpointKeptBusyRule(),
    new CursorLeftOpenRule(kinds),
    new NeverClosedRule(),
    new SharedMemoryDatabaseRule(),
    new TimeoutZeroRule(timeouts, waiters, noBusyTimeout),
    new OneTransactionPerRowRule(kinds),
    new OversleepRule(),
  ];
}
