/** What the list to pick from says of a process. Pure. */
import { type Candidate, type StaleReason, warningsOf } from "../../features/kill/candidates.ts";
import type { Holder } from "../../model/report.ts";
import { duration } from "../../text/duration.ts";
import { doubtNote, turnsText } from "./doubt.ts";

/** `blocks writers; idle in a transaction for 4 m 12 s`. */
export function noteOf(candidate: Candidate): string {
  const { holder, blocks, staleReasons, turns } = candidate;
  return [
    blocks ? `blocks ${blocksText(holder)}` : holder.activity,
    ...(turns === null ? [] : [turnsText(turns)]),
    ...staleReasons.map((reason) => staleText(reason, holder.frozen !== null)),
    ...warningsOf(candidate).map(doubtNote),
  ].join("; ");
}

function blocksText({ blocks }: Holder): string {
  return blocks.filter((block) => block !== "journal-mode").join(", ");
}

function staleText(reason: StaleReason, frozen: boolean): string {
  switch (reason.kind) {
    case "stopped":
      return `${frozen ? "frozen" : "stopped"}${idleText(reason.idleMs)}`;
    case "idle-in-transaction":
      return `idle in a transaction${idleText(reason.idleMs)}`;
    case "likely-idle-in-transaction":
      return `likely idle in a transaction${reason.idleMs === null ? "" : ` (~${duration(reason.idleMs)})`}`;
    case "orphaned":
      return "left over from a session that has ended";
    case "deleted-file":
      return "uses a deleted file";
  }
}

function idleText(idleMs: number | null): string {
  return idleMs === null ? "" : ` for ${duration(idleMs)}`;
}
