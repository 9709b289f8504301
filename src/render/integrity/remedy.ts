/**
 * What to do about a corrupt database, the safest first. Pure. Each command was tried on databases with that damage
 * (test/system/integrity-remedy.test.ts).
 */
import { groupBy } from "../../features/integrity/group-by.ts";
import { kindOf, type ProblemKind } from "../../features/integrity/problem-kind.ts";
import type { Problem } from "../../features/integrity/report.ts";
import { isVisible } from "../../text/escape.ts";
import { list } from "../../text/list.ts";
import { shellQuoted } from "../../text/shell.ts";
import { sqlQuoted } from "../../text/sql.ts";

const FIRST = "Before any repair, stop the programs that use it and keep a copy of it with its -wal and -journal.";

const BACKUP =
  "Restore the last intact backup. Without one, recover from a copy what can still be read: sqlite3 copy.db " +
  ".recover | sqlite3 recovered.db. If that " +
  ("says 'SQL logic error', that sqlite3 was built without sqlite_dbpage (Debian 12's is): use the one from " +
    "sqlite.org, or the rows that .dump still reads: ") +
  ("sqlite3 copy.db .dump | sed '$s/^ROLLBACK;.*/COMMIT;/' | sqlite3 recovered.db. Then run sqlock integrity " +
    "recovered.db, and count what is missing.");

const ALL = "First check again with a larger --max-problems: the right fix depends on all problems.";

/** Null where there is no problem. */
export function remedyOf(path: string, problems: readonly Problem[], truncated: boolean): string | null {
  const byKind = groupBy(problems, kindOf);
  if (byKind.size === 0) return null;
  const of: ProblemsOfKind = (kind) => byKind.get(kind) ?? [];
  const onlyRows = byKind.size === 1 && byKind.has("foreign-key");
  if (byKind.has("pages")) return [FIRST, BACKUP, ...foreignKeys(of("foreign-key"))].join(" ");
  return [
    ...(truncated ? [ALL] : []),
    ...(onlyRows ? [] : [FIRST]),
    ...indexes(path, of),
    ...values(of("values")),
    ...fullText(path, of("full-text")),
    ...virtualTables(of("virtual-table")),
    ...freePages(path, of("free-pages")),
    ...foreignKeys(of("foreign-key")),
  ].join(" ");
}

type ProblemsOfKind = (kind: ProblemKind) => readonly Problem[];

function indexes(path: string, of: ProblemsOfKind): string[] {
  const duplicates = of("duplicates");
  const pages = of("index-pages");
  const all = [...of("index-entries"), ...pages, ...duplicates];
  if (all.length === 0) return [];
  const sentences: string[] = [];
  if (duplicates.length > 0)
    sentences.push(
      `Find and remove the duplicate rows in ${names(duplicates, "index")}: until then REINDEX fails with ` +
        "'UNIQUE constraint failed'.",
    );
  sentences.push(`Rebuild the indexes from the rows: ${sqlite3(path, reindexOf(all))}.`);
  if (pages.length > 0) {
    sentences.push(
      "If REINDEX itself fails with 'database disk image is malformed', it has changed nothing, and a command that " +
        "reads only the rows still works: " +
        `${sqlite3(path, ".dump")} | sqlite3 new.db, then sqlock integrity new.db.`,
    );
  }
  return sentences;
}

/** Of more indexes than these, all are made again. */
const MAX_INDEXES = 4;

function reindexOf(problems: readonly Problem[]): string {
  const indexNames = [...new Set(problems.map((problem) => problem.index ?? indexIn(problem.message)))];
  if (indexNames.length > MAX_INDEXES || indexNames.includes(null)) return "REINDEX";
  return indexNames.map((name) => `REINDEX ${identifier(name ?? "")}`).join("; ");
}

function indexIn(message: string): string | null {
  return / (?:in|from) index (.*)$/s.exec(message)?.[1] ?? null;
}

function values(problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  return [
    `Correct or delete the rows that the definition of ${names(problems, "table")} does not allow (UPDATE, DELETE): ` +
      "REINDEX and VACUUM do not help.",
  ];
}

function fullText(path: string, problems: readonly Problem[]): string[] {
  const tables = [
    ...new Set(
      problems.map((problem) => problem.table ?? /table (?:main\.)?(.*)$/s.exec(problem.message)?.[1] ?? "TABLE"),
    ),
  ];
  return tables.map((table) => {
    const name = identifier(table);
    return (
      `Rebuild the full-text index of ${table} from its rows: ` +
      `${sqlite3(path, `INSERT INTO ${name}(${name}) VALUES('rebuild')`)} (not for a contentless table).`
    );
  });
}

function virtualTables(problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  return [
    `Replace ${names(problems, "table")}: create a new virtual table, fill it from the data that it was built ` +
      "from, and drop the old one.",
  ];
}

function freePages(path: string, problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  return [
    `The wrong free pages have cost no table a row; ${sqlite3(path, "VACUUM INTO 'new.db'")} makes a copy ` +
      "without them. If a table is missing, they may be " +
      "what is left of it: look for it with .recover first.",
  ];
}

function foreignKeys(problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  const parents = [...new Set(problems.flatMap(({ parent }) => parent ?? []))];
  return [
    `Rows of ${names(problems, "table")} refer to rows${parents.length === 0 ? "" : ` of ${list(parents)}`} that ` +
      "do not exist: insert those (first create the table, if that is missing), or correct or delete the rows that " +
      "refer to them. REINDEX and .recover do not help: a program writes with foreign_keys off (SQLite's default).",
  ];
}

function names(problems: readonly Problem[], type: "table" | "index"): string {
  const found = [...new Set(problems.flatMap((problem) => problem[type] ?? []))];
  return found.length > 0 ? list(found) : `the ${type}`;
}

function sqlite3(path: string, statement: string): string {
  return (
    `sqlite3 ${shellQuoted(path)} ` +
    (/["$`!\\]/.test(statement) || !statement.includes("'") || !isVisible(statement)
      ? shellQuoted(statement)
      : `"${statement}"`)
  );
}

function identifier(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : sqlQuoted(name);
}
