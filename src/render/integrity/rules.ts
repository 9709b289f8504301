/** The checks as rules: what each looks at, and what to do when it fails. Data. */
import type { CheckName } from "../../features/integrity/report.ts";

export interface Rule {
  readonly title: string;
  readonly meaning: string;
  readonly help: string;
  readonly level: "error" | "warning";
}

export const CHECK_RULES: Readonly<Record<CheckName, Rule>> = {
  header: {
    title: "The header of the database is wrong",
    meaning:
      "SQLite does not accept the first 100 bytes, or the size of the file: it is truncated, overwritten, or not a " +
      "database.",
    help:
      "Restore the last intact backup. Without one, recover from a copy what can still be read (sqlite3 copy.db " +
      ".recover).",
    level: "error",
  },
  "companion-files": {
    title: "The companion files do not belong to the database",
    meaning: "A -journal or -wal beside the database holds changes that it needs, or those of another database.",
    help:
      "Never delete or move companion files without their database. sqlock who-holds shows which processes use them, " +
      "and sqlock explain says what each finding means.",
    level: "error",
  },
  structure: {
    title: "The structure of the database is damaged",
    meaning: "PRAGMA integrity_check (or quick_check) found invalid pages, rows or index entries.",
    help:
      "REINDEX where only indexes are wrong. Otherwise restore the last intact backup, or recover from a copy what " +
      "can still be read (sqlite3 copy.db .recover).",
    level: "error",
  },
  "virtual-tables": {
    title: "A virtual table contradicts itself",
    meaning: "The check of a virtual table (FTS5, R-Tree) found that its index does not match its content.",
    help:
      "Full-text: INSERT INTO t(t) VALUES('rebuild'). Others: create the table again from the data that it was built " +
      "from.",
    level: "error",
  },
  "foreign-keys": {
    title: "A row refers to a row that does not exist",
    meaning: "PRAGMA foreign_key_check found rows whose foreign key matches no row of the table that it refers to.",
    help:
      "Insert the missing row, or correct or delete the row that refers to it. Programs must switch foreign_keys on " +
      "for every connection.",
    level: "error",
  },
};
