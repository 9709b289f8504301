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
  "Restore the last backup that is whole. Without one, save on a copy what can still be read: sqlite3 copy.db " +
  ".recover | sqlite3 recovered.db. Where that " +
  ("answers 'SQL logic error', that sqlite3 was built without sqlite_dbpage (Debian 12's is): take the one of " +
    "sqlite.org, or the rows that .dump still reads: ") +
  ("sqlite3 copy.db .dump | sed '$s/^ROLLBACK;.*/COMMIT;/' | sqlite3 recovered.db. Then sqlock integrity " +
    "recovered.db, and count what is missing.");

const ALL = "Look again with a greater --max-problems first: which way is the right one depends on all problems.";

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
      `Find and remove the rows that are twice in ${names(duplicates, "index")}: until then REINDEX fails with ` +
        "'UNIQUE constraint failed'.",
    );
  sentences.push(`What is wrong with indexes is put right from the rows by ${sqlite3(path, reindexOf(all))}.`);
  if (pages.length > 0) {
    sentences.push(
      "Where REINDEX itself fails with 'database disk image is malformed', it has changed nothing, and what " +
        "reads the rows alone still works: " +
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
    `Correct or delete the rows that ${names(problems, "table")} itself does not allow (UPDATE, DELETE): REINDEX ` +
      "and VACUUM do not help.",
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
      `The full-text index of ${table} is made again from its rows by ` +
      `${sqlite3(path, `INSERT INTO ${name}(${name}) VALUES('rebuild')`)} (not one without content of its own).`
    );
  });
}

function virtualTables(problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  return [
    `Make ${names(problems, "table")} again: create a new virtual table, fill it from the data that it was made ` +
      "of, and drop the old one.",
  ];
}

function freePages(path: string, problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  return [
    `No table in it has lost a row by wrong free pages; ${sqlite3(path, "VACUUM INTO 'new.db'")} makes a copy ` +
      "without them. Where a table is missing, they may be " +
      "what is left of it: look for it with .recover first.",
  ];
}

function foreignKeys(problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  const parents = [...new Set(problems.flatMap(({ parent }) => parent ?? []))];
  return [
    `Rows of ${names(problems, "table")} refer to rows${parents.length === 0 ? "" : ` of ${list(parents)}`} that ` +
      "do not exist: insert those, or correct or delete the ones that refer to " +
      "them. REINDEX and .recover do not help: some program writes with foreign_keys off (SQLite's default).",
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
