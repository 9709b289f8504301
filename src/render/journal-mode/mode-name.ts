import type { KeptMode } from "../../features/journal-mode/report.ts";

/** In a sentence; null: an empty file. */
export function modeName(mode: KeptMode | null): string {
  return mode === "wal" ? "WAL mode" : mode === "delete" ? "rollback journal (delete)" : "no journal mode yet (empty)";
}
