/** What must not be done beside a writer whose locks other programs do not see, in remedies. Pure. */
import type { Related } from "../../model/relate.ts";
import type { Holder } from "../../model/report.ts";
import { hasJournalFile } from "../../model/use-without-locks.ts";
import type { Viewer } from "../../model/viewer.ts";
import { asOwnerOf } from "../../text/as-root.ts";
import { copyAside } from "./restored.ts";

/** A sentence, with a full stop at its end. */
export function openNothing({ journalMode }: Pick<Related, "journalMode">): string {
  return journalMode === "wal"
    ? "Until then, do not start any other program that opens the database, and delete nothing beside it: the last " +
        "program that closes it deletes the -wal."
    : "Until then, do not open the database with any other program, and delete nothing beside it: its -journal looks " +
        "like that of a dead writer, and a program that opens the database rolls it back while the writer is at work.";
}

/** How to keep a copy meanwhile, with a space before it; "" where it writes no -journal, or is stopped already. */
export function copyWhileStopped(
  holder: Holder,
  { path, journalMode }: Pick<Related, "path" | "journalMode">,
  viewer: Viewer,
): string {
  if (journalMode === "wal" || !hasJournalFile(holder)) return "";
  const copy = copyAside(path, "journal");
  const stopped = holder.state === "stopped" || holder.state === "traced";
  const signal = (name: string) => asOwnerOf(holder, `kill -${name} ${holder.pid}`, viewer);
  const command = stopped ? copy : `${signal("STOP")}; ${copy}; ${signal("CONT")}`;
  return ` To keep a copy to fall back on:\n  ${command}`;
}
