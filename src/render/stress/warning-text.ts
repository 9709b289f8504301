/** Which settings of a matrix are never recommended, and why. Pure. */
import { LONGEST_ADVISED_TIMEOUT_MS, type Warning } from "../../features/stress/advised-against.ts";
import { optionDuration } from "../../text/duration.ts";

export const WARNING_TEXTS: Record<Warning, string> = {
  "read-then-write":
    "--transaction deferred with --read-then-write (a read transaction that tries to write can fail at once, " +
    "whatever the timeout)",
  exclusive: "--transaction exclusive (in rollback mode it keeps readers out; in WAL mode it is the same as immediate)",
  "no-timeout": "--busy-timeout 0 (no connection waits for a lock)",
  "long-timeout":
    `--busy-timeout above ${optionDuration(LONGEST_ADVISED_TIMEOUT_MS)} (a program that waits so long hangs: shorten ` +
    "the transactions instead)",
  "wal-on-network": "--journal-mode wal (the database is on a network file system, where WAL mode does not work)",
};
