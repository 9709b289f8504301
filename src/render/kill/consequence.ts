/** What ending a process does: sentences. Pure. */
import type { Consequence } from "../../features/kill/consequences.ts";
import type { Viewer } from "../../model/viewer.ts";
import { asOwnerOf } from "../../text/as-root.ts";
import { transactionInWal } from "../../text/exclusive.ts";
import { list } from "../../text/list.ts";
import { endOfReaderText } from "../../text/program.ts";
import { fileName } from "../../text/role.ts";
import { thawCommand } from "../../text/thaw.ts";
import { containerName, restartCommand, unitName } from "../../text/unit.ts";
import { dangerClause } from "./danger.ts";

/** Sentences; of a rescue, lines with commands. */
export function consequenceTexts(consequence: Consequence, viewer: Viewer): string[] {
  switch (consequence.kind) {
    case "danger": {
      const { danger } = consequence;
      const rescue = danger.kind === "lost-file" ? danger.rescue : null;
      return [`Danger: ${dangerClause(danger)}.`, ...(rescue === null ? [] : [rescue])];
    }
    case "write-transaction":
      return [
        consequence.wal
          ? "It has an open write transaction: its uncommitted changes are lost; no other process has seen them."
          : "It has an open write transaction: the next program that opens the database rolls back its uncommitted " +
            "changes.",
      ];
    case "exclusive-in-wal": {
      const transaction = transactionInWal(consequence.uncommittedFrames);
      return [
        `It holds the EXCLUSIVE lock; ${transaction}. Its uncommitted changes are lost, the committed ` +
          "ones are kept.",
      ];
    }
    case "foreign-lock":
      return [
        "It holds a lock that is not SQLite's: whether it has an open transaction is unknown. Its uncommitted " +
          "changes " +
          "are lost.",
      ];
    case "lets-go-on":
      return [
        `The ${consequence.what} of ${consequence.pid} is waiting for it, and keeps others out until this ` +
          `process has ` +
          "ended.",
      ];
    case "waits-for-readers":
      return [waitingText(consequence)];
    case "read-transaction":
      return ["It is reading: its read is interrupted. No data is lost."];
    case "repeated":
      return [
        `It is ${consequence.activity}: the next program that opens the database does that again. No data is lost.`,
      ];
    case "no-transaction":
      return ["It has the database open without a transaction: no data is lost."];
    case "no-lock":
      return [
        "It has the database open without a lock, so it has no transaction under SQLite's default locking: no " +
          "data is lost, unless the process locks in another way, or not at all (nolock=1).",
      ];
    case "reader-on-purpose":
      return [endOfReaderText(consequence.reader)];
    case "unseen-transaction":
      return [unseenTransactionText(consequence)];
    case "lock-directory":
      return [
        `${consequence.path} may be its lock. It stays when the process ends, and keeps out every program that ` +
          "locks in this way until it is removed (sqlock who-holds says when that is safe).",
      ];
    case "unknown-activity":
      return ["What it is doing with the database is unknown: an open transaction would be rolled back."];
    case "stopped":
      return [`It is stopped: ${continueCommand(consequence.process, viewer)} lets it finish.`];
    case "frozen":
      return [
        `Its cgroup is frozen: ${thawCommand(consequence.thaw, viewer)} lets it finish. Until then ` +
          (consequence.version === 1 ? "every signal waits, even SIGKILL." : "a signal that it handles waits."),
      ];
    case "uninterruptible":
      return [
        `It is waiting in the kernel${consequence.waitsIn === null ? "" : ` (${consequence.waitsIn})`}, in state D: ` +
          "signals wait until that is over, and SIGKILL may have to wait as well.",
      ];
    case "container":
      return [
        `It runs in container ${containerName(consequence.container, consequence.uid)}, which may end with it or ` +
          "start it again.",
      ];
    case "service":
      return [serviceText(consequence, viewer)];
    case "terminal":
      return [`It runs on ${consequence.terminal}: someone may be working there.`];
    case "continues":
      return ["It continues, and can finish what it was doing."];
  }
}

function continueCommand(process: Extract<Consequence, { kind: "stopped" }>["process"], viewer: Viewer): string {
  return asOwnerOf(process, `kill -CONT ${process.pid}`, viewer);
}

function waitingText({ what, pids }: Extract<Consequence, { kind: "waits-for-readers" }>): string {
  const reads = pids.length === 1 ? "read" : "reads";
  const ended = pids.length === 1 ? "that process has" : "those processes have";
  return (
    `It keeps others out because its ${what} is waiting for the ${reads} of ${list(pids)}: when ${ended} ended, it ` +
    "continues."
  );
}

function serviceText(service: Extract<Consequence, { kind: "service" }>, viewer: Viewer): string {
  const manager = service.unitManager === "system" ? "systemd" : "that manager";
  const restart = restartCommand(service, viewer);
  const cleaner = restart === null ? "." : `; ${restart} is cleaner.`;
  return `It is part of ${unitName(service)}: ${manager} restarts it if it is configured to${cleaner}`;
}

function unseenTransactionText({ files, wal }: Extract<Consequence, { kind: "unseen-transaction" }>): string {
  if (files.length === 0)
    return (
      "It may be in a transaction that no lock of SQLite's shows: its uncommitted changes are rolled back, but " +
      "if its " +
      "journal is in memory or off (journal_mode=MEMORY, OFF), the database is left corrupt."
    );
  const open = `It has the ${list(files.map(fileName))} open for writing without SQLite's locks`;
  return wal
    ? `${open}: whether it has an open transaction cannot be seen; its uncommitted changes are lost.`
    : `${open}: it likely has an open write transaction; the next program that opens the database rolls back its ` +
        "uncommitted changes.";
}
