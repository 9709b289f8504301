import type { KeptMode } from "../../features/journal-mode/report.ts";

/** In a sentence; null: an empty file. */
export function modeName(mode: KeptMode | null): string {
  return mode === "wal" ? "WAL mode" : mode === "delete" ? "rollback-journal mode" : "no journal mode yet (empty)";
}
