/** The one change that should help, which is then tried. Pure. */
import { duration } from "../../text/duration.ts";
import type { Failures } from "./report.ts";
import type { Settings } from "./settings.ts";

export interface Change {
  /** As it is typed. */
  readonly option: string;
  readonly settings: Partial<Settings>;
}

/** With it, a program waits for as long as SQLite's documentation and most drivers say. */
const USUAL_TIMEOUT_MS = 5000;

/** Null where nothing failed, or nothing but fewer or shorter transactions would help. */
export function changeFor(settings: Settings, failures: readonly Failures[]): Change | null {
  const writes = failures.filter(({ role, code }) => role === "writer" && code.startsWith("SQLITE_BUSY"));
  if (writes.some((failure) => isUpgrade(settings, failure)))
    return { option: "--transaction immediate", settings: { transaction: "immediate" } };
  if (settings.busyTimeoutMs === 0 && failures.some(({ code }) => code.startsWith("SQLITE_BUSY"))) {
    return {
      option: `--busy-timeout ${duration(USUAL_TIMEOUT_MS).replace(" ", "")}`,
      settings: { busyTimeoutMs: USUAL_TIMEOUT_MS },
    };
  }
  return null;
}

/** It read, and then could not write: SQLite does not wait, since two that do so would wait for each other for ever. */
export function isUpgrade(
  { transaction, readThenWrite }: Pick<Settings, "transaction" | "readThenWrite">,
  { role, phase }: Failures,
): boolean {
  return role === "writer" && transaction === "deferred" && readThenWrite && phase === "write";
}
