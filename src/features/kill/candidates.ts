/**
 * Whom ending would free the database of, in the order of how much they are in the way, and what it would cost. Pure.
 */
import { blocksSomebody } from "../../model/blockers.ts";
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { duration } from "../../text/duration.ts";
import { commandOf } from "../../text/holder.ts";
import { shellQuoted } from "../../text/shell.ts";

export interface Candidate {
  readonly holder: Holder;
  /** It keeps others from more than a change of the journal mode. */
  readonly blocks: boolean;
  /** Why it is likely forgotten: `idle-in-transaction for 4 m 12 s`. */
  readonly stale: readonly string[];
  /** --stale takes it. */
  readonly takenByStale: boolean;
  /** --yes takes it where nobody is named. */
  readonly takenByYes: boolean;
  readonly consequences: readonly string[];
  readonly danger: Danger | null;
}

/** Why it takes --force as well. */
export interface Danger {
  readonly code: "no-journal" | "lost-file" | "container-init";
  /** A clause, without a full stop. */
  readonly why: string;
  /** What to do first: a rescue, with commands. */
  readonly first: string | null;
}

type Database = Pick<DatabaseReport, "path" | "journalMode" | "journal" | "holders" | "findings">;

/**
 * `inits`: the first processes of containers. Those who block others first, then the stale ones, then by pid; who is
 * idle stands last.
 */
export function candidatesOf(database: Database, inits: ReadonlySet<number>): Candidate[] {
  return database.holders
    .map((holder) => candidateOf(holder, database, inits.has(holder.pid)))
    .sort((a, b) => rank(a) - rank(b) || a.holder.pid - b.holder.pid);
}

function candidateOf(holder: Holder, database: Database, isInit: boolean): Candidate {
  const blocks = blocksSomebody(holder);
  const readersOrWriters = holder.blocks.includes("readers") || holder.blocks.includes("writers");
  const orphaned = database.findings.some(({ id, pids }) => id === "orphaned-holder" && pids.includes(holder.pid));
  const forgotten = holder.stale.includes("idle-in-transaction") || holder.stale.includes("stopped") || orphaned;
  const danger = dangerOf(holder, database) ?? (isInit ? CONTAINER : null);
  return {
    holder,
    blocks,
    stale: staleTexts(holder, orphaned),
    takenByStale: blocks && forgotten && !holder.stale.includes("deleted-file"),
    takenByYes: readersOrWriters,
    consequences: consequencesOf(holder, database, danger),
    danger,
  };
}

function rank({ holder, blocks, takenByYes, stale }: Candidate): number {
  if (takenByYes) return 0;
  if (blocks) return 1;
  if (stale.length > 0) return 2;
  return holder.activity === "idle" ? 4 : 3;
}

function staleTexts(holder: Holder, orphaned: boolean): string[] {
  const idle = holder.idleMs === null ? "" : ` for ${duration(holder.idleMs)}`;
  return [
    ...(holder.stale.includes("stopped") ? [`stopped${idle}`] : []),
    ...(holder.stale.includes("idle-in-transaction") ? [`idle in a transaction${idle}`] : []),
    ...(orphaned ? ["left over from a session that has ended"] : []),
    ...(holder.stale.includes("deleted-file") ? ["works on a deleted file"] : []),
  ];
}

/** What will happen, in the order of how much it matters. Sentences. */
function consequencesOf(holder: Holder, { journalMode }: Database, danger: Danger | null): string[] {
  const warning = danger === null ? [] : [`Danger: ${danger.why}.`, ...(danger.first === null ? [] : [danger.first])];
  const loss =
    danger?.code === "no-journal" || danger?.code === "lost-file" ? [] : [transactionOf(holder, journalMode === "wal")];
  return [...warning, ...loss, ...surroundings(holder)];
}

const CONTAINER: Danger = {
  code: "container-init",
  why: "it is pid 1 of its container (pid namespace): all that runs in there ends with it",
  first: null,
};

/** Of one that is let go on (SIGCONT). */
export const RESUMED = ["It goes on, and can finish what it was at."];

function transactionOf({ activity }: Holder, wal: boolean): string {
  switch (activity) {
    case "writing":
    case "committing":
    case "exclusive":
      return wal
        ? "It has an open write transaction: its uncommitted changes are lost, and nobody ever sees them."
        : "It has an open write transaction: its uncommitted changes are rolled back by the next program that " +
            "opens the database.";
    case "reading":
      return "It reads: what it reads for is broken off. The database loses nothing.";
    case "checkpointing":
    case "recovering":
      return `It is ${activity}: the next program that opens the database does that again. Nothing is lost.`;
    case "idle":
      return "It has the database open and no transaction: the database loses nothing.";
    case "unknown":
      return "What it does with the database is not known: an open transaction would be rolled back.";
  }
}

function surroundings({ pid, unit, container, state, terminal }: Holder): string[] {
  const service = unit?.endsWith(".service") === true ? unit : null;
  return [
    ...(state === "stopped" ? [`It is stopped: kill -CONT ${pid} lets it finish.`] : []),
    ...(container === null ? [] : [`It runs in container ${container}, which may end with it or start it again.`]),
    ...(service === null
      ? []
      : [
          `It is part of ${service}: systemd will start it again, if it is told to; systemctl restart ` +
            `${shellQuoted(service)} is cleaner.`,
        ]),
    ...(terminal === null ? [] : [`It runs on ${terminal}: somebody may be at work there.`]),
  ];
}

/**
 * EXCLUSIVE or PENDING in rollback mode without a -journal that has a valid header: pages of an open transaction may be
 * in the file, and the way back in the memory of that process alone (journal_mode=MEMORY, OFF). A deleted or moved
 * file: what was committed there exists nowhere else.
 */
function dangerOf(holder: Holder, { journalMode, journal, findings }: Database): Danger | null {
  const lost = findings.find(({ id, pids }) => id === "deleted-file" && pids.includes(holder.pid));
  if (lost !== undefined || holder.stale.includes("deleted-file")) {
    return {
      code: "lost-file",
      why: "it works on a file that was deleted or moved away: what it has committed there exists nowhere else",
      first: lost?.remedy ?? null,
    };
  }
  const late = holder.locks.some(
    ({ name, type, waiting }) => !waiting && type === "write" && (name === "EXCLUSIVE" || name === "PENDING"),
  );
  if (journalMode === "wal" || !late || journal?.header === "valid") return null;
  return {
    code: "no-journal",
    why:
      "it holds the database exclusively, and no -journal could undo what it has written: its journal may be in " +
      "memory or off (journal_mode=MEMORY, OFF), and ending it then leaves the database corrupt",
    first: null,
  };
}

/** What stands beside its name in a list. */
export function noteOf({ holder, blocks, stale }: Candidate): string {
  const what = blocks
    ? `blocks ${holder.blocks.filter((block) => block !== "journal-mode").join(", ")}`
    : holder.activity;
  return [what, ...stale].join("; ");
}

/** What matters stands first: a narrow terminal cuts off the end. */
export function labelOf(candidate: Candidate): string {
  return `${candidate.holder.pid} ${noteOf(candidate)}: ${commandOf(candidate.holder)}`;
}
