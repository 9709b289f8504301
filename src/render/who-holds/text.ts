/** A report for a person: for each database the verdict, a line on it, the table, who blocks whom, the findings. */
import { findingRecord } from "../../findings/index.ts";
import { unsafeToOpen } from "../../findings/unsafe-to-open.ts";
import { keepsOthersOut } from "../../model/blockers.ts";
import {
  type DatabaseReport,
  type FindingId,
  type Holder,
  isPathError,
  type Report,
  type VerdictReport,
} from "../../model/report.ts";
import { knowsLocks } from "../../model/source.ts";
import { unseenMatters } from "../../model/unseen-processes.ts";
import { summaryOf } from "../../text/blocker.ts";
import { escapeText } from "../../text/escape.ts";
import { walText } from "../../text/frames.ts";
import { nameOf } from "../../text/holder.ts";
import { count, list } from "../../text/list.ts";
import { shellQuoted } from "../../text/shell.ts";
import { size } from "../../text/size.ts";
import { commandAgain } from "../again.ts";
import { renderFinding, unseenLine } from "../finding.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import type { ChosenColumn } from "./column-choice.ts";
import { type LockWords, withLockWords } from "./lock-legend.ts";
import { holdersTables } from "./table.ts";

export interface TextOptions {
  readonly columns: readonly ChosenColumn[];
  readonly lockWords: LockWords;
  /** See {@link neededColumns}; left out: not known. */
  readonly ownContainer?: string | null;
  readonly style: Style;
}

/** With a newline at its end; "" when no path could be looked at. */
export function renderText(report: Report, options: TextOptions): string {
  const databases = report.databases.filter((each): each is DatabaseReport => !isPathError(each));
  const bare = holdersTables(databases, options.columns, options.style, options.ownContainer);
  const tables = withLockWords(bare, databases, options.lockWords, options.style);
  const parts = databases.map((database, i) => renderDatabase(database, tables[i] ?? "", options.style));
  const source =
    parts.length > 0 && report.source !== null && !knowsLocks(report.source) ? [sourceLine(options.style)] : [];
  const unseen =
    parts.length > 0 && unseenMatters(report.unseen, databases)
      ? [unseenLine(report.unseen, options.style, commandAgain("who-holds", givenPaths(databases)))]
      : [];
  const more = databases.some((database) => database.findings.length > 0) ? [moreLine(databases, options.style)] : [];
  return [...parts, ...source, ...unseen, ...more].map((part) => `${part}\n`).join("\n");
}

function givenPaths(databases: readonly DatabaseReport[]): string[] {
  return databases.map(({ givenAs }) => givenAs);
}

const MAX_SENTENCES = 10;

function renderDatabase(database: DatabaseReport, table: string, style: Style): string {
  const { verdict } = database;
  const parts = [verdictLine(verdict, style), databaseLine(database, style), ...(table === "" ? [] : [table])];
  const explained = new Set(
    database.findings.flatMap(({ id, pids }) => (findingRecord(id)?.namesBlocker === true ? pids : [])),
  );
  const said = new Set([...explained, ...(verdict.state === "unknown" ? [] : verdict.pids)]);
  const sentences = summaryOf(database, said);
  if (sentences.length > MAX_SENTENCES)
    sentences.splice(
      MAX_SENTENCES,
      sentences.length,
      `... and ${count(sentences.length - MAX_SENTENCES, "more holder")} that block others: see BLOCKS.`,
    );
  const unclear = database.holders.filter(
    (holder) => isUnclear(holder, database) && !explained.has(holder.pid) && !isExplained(holder, database),
  );
  if (unclear.length > 0) sentences.push(unclearText(unclear, database));
  if (hasUnclaimedJournal(database))
    sentences.push(
      "Until that is known, do not open the database with any program, and do not delete any of its files.",
    );
  if (sentences.length > 0)
    parts.push(sentences.map((sentence) => paragraph(escapeText(sentence), "", style)).join("\n"));
  for (const finding of database.findings) parts.push(renderFinding(finding, style));
  const head = table === "" ? 2 : 3;
  return [parts.slice(0, head).join("\n"), ...parts.slice(head)].join("\n\n");
}

function unclearText(holders: readonly Holder[], { path }: DatabaseReport): string {
  const [is, has, it] = holders.length === 1 ? ["is", "has", "it has"] : ["are", "have", "they have"];
  const why = holders.some(({ idleMs }) => idleMs === null) ? "" : `, because ${it} run within the last second`;
  return (
    `Whether ${list(holders.map(nameOf))} ${is} working or ${has} left a transaction open is unknown${why}. ` +
    `To find out: sqlock watch ${shellQuoted(path)}`
  );
}

/** The answer, which stands first. */
function verdictLine({ state, sentence }: VerdictReport, style: Style): string {
  const line = paragraph(escapeText(sentence), "  ", style, { most: style.width });
  const { chalk } = style;
  if (chalk === null) return line;
  if (state === "blocked") return chalk.bold.red(line);
  return state === "busy" || state === "unknown" ? chalk.bold.yellow(line) : chalk.bold(line);
}

/** A transaction is in its -journal, nobody who can be seen has it open, and no finding says more. */
function hasUnclaimedJournal(database: DatabaseReport): boolean {
  const { journal, holders, unownedLocks, lockDirectory } = database;
  return (
    journal?.hot === null &&
    journal.header === "valid" &&
    holders.length === 0 &&
    unownedLocks.length === 0 &&
    lockDirectory === null &&
    unsafeToOpen(database).length === 0
  );
}

/** Findings that say why a process does not go on. */
const WHY_IT_STAYS: readonly FindingId[] = ["same-process-contention", "suspended-holder", "uninterruptible-holder"];

function isExplained({ pid }: Holder, { findings }: DatabaseReport): boolean {
  return findings.some(
    ({ id, severity, pids }) => WHY_IT_STAYS.includes(id) && severity !== "info" && pids.includes(pid),
  );
}

/**
 * A writer whose threads run, with nothing on file that says for how long its transaction is open: at work, or one that
 * polls.
 */
function isUnclear(holder: Holder, { progress }: DatabaseReport): boolean {
  const { activity, state, idleMs, heldAtLeastMs, heldLikelyMs } = holder;
  return (
    activity === "writing" &&
    keepsOthersOut(holder) &&
    state !== "running" &&
    state !== null &&
    (idleMs === null || idleMs < LONG_MS) &&
    heldLikelyMs === null &&
    (heldAtLeastMs ?? 0) < LONG_MS &&
    (progress === null ? idleMs === null : !progress.counterMoved && progress.released === undefined)
  );
}

/** A process that has not run for so long, in ms, is asleep. */
const LONG_MS = 1000;

/** Why it was not read: there was no time, or what comes before it does not belong to this WAL. */
function unreadText({ unreadBytes, complete }: NonNullable<DatabaseReport["wal"]>): string {
  return complete
    ? `last ${size(unreadBytes)} of the -wal not read (what comes before it does not belong to this WAL)`
    : `last ${size(unreadBytes)} of the -wal not read (it would take too long)`;
}

function databaseLine(database: DatabaseReport, style: Style): string {
  const path = escapeText(database.path);
  const facts = [
    ...(database.descriptor === undefined ? [] : [`deleted (${database.descriptor})`]),
    modeText(database),
  ];
  if (database.sizeBytes !== null) facts.push(size(database.sizeBytes));
  if (database.pageCount !== null && database.pageSize !== null)
    facts.push(`${count(database.pageCount, "page")} of ${database.pageSize}`);
  if (database.wal !== null) facts.push(`WAL ${walText(database.wal)}`);
  if (database.wal !== null && database.wal.unreadBytes > 0) facts.push(unreadText(database.wal));
  if (database.journal !== null && database.journal.hot !== false)
    facts.push(database.journal.hot === null ? "journal (hot?)" : "hot journal");
  const { fileSystem } = database;
  if (fileSystem !== null)
    facts.push(
      `${escapeText(fileSystem.type)} on ${escapeText(fileSystem.mountPoint)}` +
        (fileSystem.readOnly ? " (read-only)" : ""),
    );
  const line = paragraph(`${path}: ${facts.join(", ")}`, "  ", style, { breaks: /(?<=[,:] )/, most: style.width });
  return style.chalk === null || !line.startsWith(path) ? line : style.chalk.bold(path) + line.slice(path.length);
}

function modeText({ journalMode, header, sizeBytes }: DatabaseReport): string {
  if (sizeBytes === null) return "deleted";
  const noHeader =
    header === "likely-encrypted"
      ? "likely encrypted (no SQLite header)"
      : header === "other"
        ? "no SQLite header"
        : "";
  const mode = { wal: "WAL mode", rollback: "rollback journal", unknown: "journal mode unknown" }[journalMode];
  if (noHeader !== "") return `${noHeader}, ${mode}`;
  if (journalMode !== "unknown") return mode;
  return sizeBytes === 0 ? "empty (no journal mode yet)" : "journal mode unknown (cannot be read)";
}

/** Without it, unknown locks would look like no locks. */
function sourceLine(style: Style): string {
  const line =
    "lsof shows which processes have the files open, but not which lock each of them owns: which of them reads, " +
    "writes or blocks others is unknown. On Linux, /proc shows that: leave --source out there.";
  return style.chalk?.dim(paragraph(line, "", style)) ?? paragraph(line, "", style);
}

const BEFORE_COMMAND = /(?<=: )/;

/** How to read more on the first finding, which is the gravest. */
function moreLine(databases: readonly DatabaseReport[], style: Style): string {
  const id = databases.flatMap((database) => database.findings)[0]?.id;
  const line = paragraph(`More on a finding: sqlock explain ${id}`, "  ", style, { breaks: BEFORE_COMMAND });
  return style.chalk?.dim(line) ?? line;
}
