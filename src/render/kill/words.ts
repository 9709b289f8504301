/** The words for what kill finds and does: dangers, consequences, reasons. Pure. */
import { type Candidate, type StaleReason, type Turns, warningsOf } from "../../features/kill/candidates.ts";
import type { Doubt, User } from "../../features/kill/claims.ts";
import type { Consequence } from "../../features/kill/consequences.ts";
import type { Danger } from "../../features/kill/dangers.ts";
import type { KillReport, ProcessOutcome, RefusalReason } from "../../features/kill/result.ts";
import type { Refusal } from "../../features/kill/selection.ts";
import type { Holder } from "../../model/report.ts";
import type { Viewer } from "../../model/viewer.ts";
import type { LockApi } from "../../sqlite/locks.ts";
import { asOwnerOf, asRoot } from "../../text/as-root.ts";
import { duration } from "../../text/duration.ts";
import { transactionInWal } from "../../text/exclusive.ts";
import { nameOf } from "../../text/holder.ts";
import { count, list } from "../../text/list.ts";
import { endOfReaderText } from "../../text/program.ts";
import { fileName } from "../../text/role.ts";
import { thawCommand } from "../../text/thaw.ts";
import { containerName, restartCommand, unitName } from "../../text/unit.ts";
import { killCommand } from "./command.ts";

/** A clause, without a full stop. */
export function dangerClause(danger: Danger): string {
  switch (danger.kind) {
    case "lost-file":
      return "it works on a file that was deleted or moved away: what it has committed there exists nowhere else";
    case "no-journal":
      if (danger.elsewhere !== undefined)
        return (
          `it holds the database exclusively, and its -journal lies beside another name of it (${danger.elsewhere}): ` +
          "ended, only who opens it by that name undoes what it has written; opened by this one, it is corrupt"
        );
      if (danger.unlocked === true)
        return (
          "it holds no lock, and the file is longer than its header says: likely it is in the middle of a " +
          "transaction whose journal is in memory or off (journal_mode=MEMORY, OFF), and ending it then leaves the " +
          "database corrupt"
        );
      return (
        "it holds the database exclusively, and no -journal could undo what it has written: its journal may be in " +
        "memory or off (journal_mode=MEMORY, OFF), and ending it then leaves the database corrupt"
      );
    case "undone-elsewhere":
      return (
        `it is in a commit over several databases, whose super-journal it names ${danger.superJournal}, which is not ` +
        "there here: SQLite, opened by this path after its end, would not roll the transaction back, and half of it " +
        "stays in the database"
      );
    case "half-written":
      return (
        "it likely writes over the database file without SQLite: ended half-way, the file is neither the old " +
        "database nor the new one"
      );
    case "container-init":
      return "it is pid 1 of its container (pid namespace): all that runs in there ends with it";
  }
}

/** Why it is not ended unless it is named: a clause. */
export function doubtClause(doubt: Doubt): string {
  switch (doubt.kind) {
    case "passed-lock":
      return (
        `it blocks by ${apisText(doubt.apis)} locks alone, which come with an open descriptor: another process may ` +
        "have taken them, and passed it that descriptor"
      );
    case "companion-only":
      return (
        `its own locks are on the ${list(doubt.roles.map(fileName))} alone, and none is on the database itself, as ` +
        "SQLite would have it: it may hold something else by that name"
      );
    case "other-user":
      return `it is ${userText(doubt.user)}'s, and the database is ${userText(doubt.owner)}'s`;
  }
}

/** Why --yes spares it. */
export function turnsClause({ commits, withinMs }: Turns, subject = "it"): string {
  return `${subject} ${turnsText({ commits, withinMs })}: it is not stuck`;
}

/** With 0 commits, its lock was seen to be released. */
function turnsText({ commits, withinMs }: Turns): string {
  const what = commits === 0 ? "released its lock" : `at least ${count(commits, "commit")}`;
  return `takes turns (${what} within ${withinMs} ms)`;
}

function apisText(apis: readonly LockApi[]): string {
  return list(apis.map((api) => (api === "ofd" ? "OFD" : api)));
}

function userText(user: User | null): string {
  return user === null ? "an unknown user" : (user.name ?? `user ${user.uid}`);
}

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
          ? "It has an open write transaction: its uncommitted changes are lost, and nobody ever sees them."
          : "It has an open write transaction: its uncommitted changes are rolled back by the next program that " +
            "opens the database.",
      ];
    case "exclusive-in-wal": {
      const transaction = transactionInWal(consequence.uncommittedFrames);
      return [
        `It holds the database in EXCLUSIVE mode; ${transaction}. What it has not committed is lost, what it has ` +
          "committed is kept.",
      ];
    }
    case "foreign-lock":
      return [
        "It holds a lock that is not SQLite's: whether it has a transaction open cannot be told. What it has not " +
          "committed is lost.",
      ];
    case "lets-go-on":
      return [`The ${consequence.what} of ${consequence.pid} waits for it, and keeps others out until it has ended.`];
    case "waits-for-readers": {
      const { what, pids } = consequence;
      const [reads, end] = pids.length === 1 ? ["read", "that has"] : ["reads", "they have"];
      return [
        `It keeps others out because its ${what} waits for the ${reads} of ${list(pids)}: when ${end} ended, it goes ` +
          "on.",
      ];
    }
    case "read-transaction":
      return ["It is reading: its read is cut short. The database loses nothing."];
    case "repeated":
      return [
        `It is ${consequence.activity}: the next program that opens the database does that again. Nothing is lost.`,
      ];
    case "no-transaction":
      return ["It has the database open and no transaction: the database loses nothing."];
    case "no-lock":
      return [
        "It has the database open and no lock, so no transaction of SQLite's default locking: the database loses " +
          "nothing, unless it locks in another way, or not at all (nolock=1).",
      ];
    case "reader-on-purpose":
      return [endOfReaderText(consequence.reader)];
    case "unseen-transaction":
      return [unseenTransactionText(consequence)];
    case "lock-directory":
      return [
        `${consequence.path} may be its lock, and does not go with it: it stays, and keeps out everybody who locks ` +
          "in that way until it is removed (sqlock who-holds says when that is safe).",
      ];
    case "unknown-activity":
      return ["What it does with the database is not known: an open transaction would be rolled back."];
    case "stopped":
      return [
        `It is stopped: ${asOwnerOf(consequence.process, `kill -CONT ${consequence.process.pid}`, viewer)} lets it ` +
          "finish.",
      ];
    case "frozen":
      return [
        `Its cgroup is frozen: ${thawCommand(consequence.thaw, viewer)} lets it finish. ` +
          (consequence.version === 1
            ? "Every signal waits until then, SIGKILL too."
            : "A signal that it handles waits until then."),
      ];
    case "uninterruptible":
      return [
        `It waits in the kernel${consequence.waitsIn === null ? "" : ` (${consequence.waitsIn})`}, in the state D: ` +
          "signals wait until that is over, and SIGKILL may have to as well.",
      ];
    case "container":
      return [
        `It runs in container ${containerName(consequence.container, consequence.uid)}, which may end with it or ` +
          "start it again.",
      ];
    case "service": {
      const starter = consequence.unitManager === "system" ? "systemd" : "that";
      const restart = restartCommand(consequence, viewer);
      return [
        `It is part of ${unitName(consequence)}: ${starter} starts it again, if it is configured to` +
          `${restart === null ? "." : `; ${restart} is cleaner.`}`,
      ];
    }
    case "terminal":
      return [`It runs on ${consequence.terminal}: somebody may be working there.`];
    case "continues":
      return ["It goes on, and can finish what it was doing."];
  }
}

function unseenTransactionText({ files, wal }: Extract<Consequence, { kind: "unseen-transaction" }>): string {
  if (files.length === 0)
    return (
      "It may be in a transaction that no lock of SQLite's shows: uncommitted changes are rolled back, but if its " +
      "journal is in memory or off (journal_mode=MEMORY, OFF), the database is left corrupt."
    );
  const open = `It has the ${list(files.map(fileName))} open to write without SQLite's locks`;
  return wal
    ? `${open}: whether it has a transaction open cannot be seen; its uncommitted changes are lost.`
    : `${open}: likely it has an open write transaction, whose uncommitted changes are rolled back by the next ` +
        "program that opens the database.";
}

export const ANOTHER_FILE = "the path leads to another file than at the first look";

/** Why a process was not signalled: a clause. */
export function refusalText(
  reason: RefusalReason,
  pid: number,
  { givenAs, settings, viewer }: Pick<KillReport, "givenAs" | "settings" | "viewer">,
): string {
  switch (reason.kind) {
    case "not-a-holder":
      return "it does not hold the database";
    case "ended-or-closed":
      return "it has ended, or has closed the database";
    case "no-longer-blocking":
      return "it had ended, closed the database, or blocked nothing for longer than a moment, before it was signalled";
    case "pid-1":
      return "it is pid 1, with which the whole system (or container) would end";
    case "own-ancestor":
      return "sqlock was started from it: it would end itself";
    case "hidden":
      return "it is hidden (hidepid): only its own user and root can see that it is still the same process";
    case "kernel-thread":
      return "it is a thread of the kernel";
    case "danger":
      return reason.danger.kind === "lost-file"
        ? `${dangerClause(reason.danger)}; rescue that first, then name it with --pid ${pid} --force`
        : `${dangerClause(reason.danger)}; to end it all the same: --pid ${pid} --force`;
    case "passed-lock":
    case "companion-only":
      return `${doubtClause(reason)}; to end it all the same: --pid ${pid}`;
    case "other-user":
      return `${doubtClause(reason)}: root ends processes of others than its owner only by --pid ${pid}`;
    case "another-file":
      return ANOTHER_FILE;
    case "no-permission": {
      const owner = reason.user === null ? "another user's" : `${reason.user}'s`;
      const command = killCommand(givenAs, [pid], { ...settings, signal: reason.signal });
      return `it is ${owner}, and you may not signal it: ${asRoot(command, viewer)}`;
    }
  }
}

/** Null where the result says it all. */
export function reasonText({ pid, reason }: ProcessOutcome, report: KillReport): string | null {
  if (reason === null) return null;
  switch (reason.kind) {
    case "closed-the-database":
      return "it still runs, and has closed the database";
    case "released-its-locks":
      return "it still runs and has the database open, but has released its locks";
    case "continued-and-blocks":
      return "it goes on, and still blocks others";
    case "still-open":
      return "it still has the database open";
    case "frozen":
      return "it still has the database open: its cgroup is frozen, and signals wait until it is thawed";
    case "uninterruptible":
      return (
        "it still has the database open: it waits in the kernel (state D), and ends when that is over, if the signal " +
        "was SIGKILL"
      );
    case "out-of-sight":
      return `it still runs, and what it holds cannot be told: ${ANOTHER_FILE}`;
    default:
      return refusalText(reason, pid, report);
  }
}

/** `4242 (python manage.py shell)`; the pid alone of a process that is no holder. */
export function processName({ pid, holder }: Pick<ProcessOutcome | Refusal, "pid" | "holder">): string {
  return holder === null ? String(pid) : nameOf(holder);
}

/** In the list: `blocks writers; idle in a transaction for 4 m 12 s`. */
export function noteOf(candidate: Candidate): string {
  const { holder, blocks, staleReasons, turns } = candidate;
  return [
    blocks ? `blocks ${blocksText(holder)}` : holder.activity,
    ...(turns === null ? [] : [turnsText(turns)]),
    ...staleReasons.map((reason) => staleText(reason, holder.frozen !== null)),
    ...warningsOf(candidate).map(warningText),
  ].join("; ");
}

function warningText(doubt: Doubt): string {
  switch (doubt.kind) {
    case "passed-lock":
      return `warning: ${apisText(doubt.apis)} locks alone, perhaps passed to it`;
    case "companion-only":
      return `warning: by locks on the ${list(doubt.roles.map(fileName))} alone`;
    case "other-user":
      return `warning: ${userText(doubt.user)}'s, not ${userText(doubt.owner)}'s`;
  }
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
      return "works on a deleted file";
  }
}

function idleText(idleMs: number | null): string {
  return idleMs === null ? "" : ` for ${duration(idleMs)}`;
}
