/**
 * What is never recommended, however well it did: the settings that docs/errors.md names as causes of errors. Pure.
 * What it warns of besides, stress never sets: synchronous OFF, journal_mode MEMORY and OFF, a shared cache, no locks.
 */
import type { Combination, Settings } from "./settings.ts";

/** The cause in docs/errors.md (and of `sqlock explain`) that warns of it. */
export const WARNINGS = {
  "read-then-write": { entry: "database-is-locked", cause: "read-became-writer" },
  exclusive: { entry: "database-is-locked", cause: "exclusive" },
  "no-timeout": { entry: "database-is-locked", cause: "no-timeout" },
  "long-timeout": { entry: "database-is-locked", cause: "long-writes" },
  "wal-on-network": { entry: "disk-io-error", cause: "network" },
} as const;

export type Warning = keyof typeof WARNINGS;

/** The longest busy timeout that docs/errors.md gives as an example. A program that waits longer looks dead. */
export const LONGEST_ADVISED_TIMEOUT_MS = 60_000;

export interface WarningContext extends Pick<Settings, "readThenWrite"> {
  /** The given database is on a network file system. */
  readonly onNetwork: boolean;
}

/** Empty where nothing speaks against it. */
export function warningsOf(
  { journalMode, transaction, busyTimeoutMs }: Combination,
  { readThenWrite, onNetwork }: WarningContext,
): Warning[] {
  const applies: Record<Warning, boolean> = {
    "read-then-write": transaction === "deferred" && readThenWrite,
    exclusive: transaction === "exclusive",
    "no-timeout": busyTimeoutMs === 0,
    "long-timeout": busyTimeoutMs > LONGEST_ADVISED_TIMEOUT_MS,
    "wal-on-network": journalMode === "wal" && onNetwork,
  };
  return (Object.keys(applies) as Warning[]).filter((warning) => applies[warning]);
}
