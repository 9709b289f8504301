/** What must not be done beside a writer whose locks nobody sees, in remedies. Pure. */
import type { Related } from "../../model/relate.ts";
import type { Holder } from "../../model/report.ts";
import { hasJournalFile } from "../../model/unseen-use.ts";
import { copyAside } from "./restored.ts";

/** A sentence, with a full stop at its end. */
export function openNothing({ journalMode }: Pick<Related, "journalMode">): string {
  return journalMode === "wal"
    ? "Until then start nothing else that opens the database, and delete nothing beside it: the last program that " +
        "closes it deletes the -wal."
    : "Until then open the database with nothing else, and delete nothing beside it: its -journal looks like that of " +
        "a dead writer, and whoever opens the database rolls it back under the one who writes.";
}

/** How to keep a copy meanwhile, with a space before it; "" where it writes no -journal, or is stopped already. */
export function copyWhileStopped(holder: Holder, { path, journalMode }: Pick<Related, "path" | "journalMode">): string {
  if (journalMode === "wal" || !hasJournalFile(holder)) return "";
  const copy = copyAside(path, "journal");
  const stopped = holder.state === "stopped" || holder.state === "traced";
  const command = stopped ? copy : `kill -STOP ${holder.pid}; ${copy}; kill -CONT ${holder.pid}`;
  return ` A copy to fall back on:\n  ${command}`;
}
