/** A setting in the words of a framework. Pure. */
import type { Setting, SettingId } from "../../recording/advice/advice.ts";
import type { FixId } from "../../recording/summary/pattern.ts";
import { cureText } from "../record/fixes.ts";
import type { FrameworkWords } from "./frameworks/framework.ts";

/** Null `where`, and no code: it is no setting, but how a program is written. */
export interface ChangeText {
  readonly where: string | null;
  readonly code: readonly string[];
  readonly note: string | null;
}

/** What `sqlock explain` says more of. */
export const EXPLAIN: Readonly<Record<SettingId, string>> = {
  "busy-timeout": "busy",
  "begin-immediate": "transaction",
  "wal-mode": "wal",
  "checkpoint-interval": "checkpoint",
  "end-reads": "checkpoint",
  "one-writer-connection": "process",
  "shorter-transactions": "transaction",
};

export function changeText(setting: Setting, { changes, cures }: FrameworkWords): ChangeText {
  const written = (fix: FixId): ChangeText => ({ where: null, code: [], note: cureText(fix, cures ?? undefined) });
  switch (setting.id) {
    case "busy-timeout":
      return changes.busyTimeout(setting.timeoutMs);
    case "begin-immediate":
      return changes.beginImmediate;
    case "wal-mode":
      return changes.walMode;
    case "checkpoint-interval":
      return changes.checkpointInterval(setting.frames);
    case "one-writer-connection":
      return changes.oneConnection ?? written("one-connection");
    case "end-reads":
      return written("end-reads");
    case "shorter-transactions":
      return written("commit-before-work");
  }
}
