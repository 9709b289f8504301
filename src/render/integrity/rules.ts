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
      "The first 100 bytes, or the size of the file, are not what SQLite accepts: it is cut off, overwritten, or " +
      "no database.",
    help:
      "Restore the last backup that is whole. Without one, save on a copy what can still be read (sqlite3 copy.db " +
      ".recover).",
    level: "error",
  },
  "companion-files": {
    title: "The companion files do not belong to the database",
    meaning: "A -journal or -wal beside the database holds changes that it needs, or those of another database.",
    help:
      "Never delete or move companion files by themselves. sqlock who-holds says whose they are, sqlock explain " +
      "what each finding means.",
    level: "error",
  },
  structure: {
    title: "The structure of the database is damaged",
    meaning: "PRAGMA integrity_check (or quick_check) found pages, rows or index entries that cannot be.",
    help:
      "REINDEX where only indexes are wrong. Otherwise restore the last backup that is whole, or save on a copy " +
      "what can still be read (sqlite3 copy.db .recover).",
    level: "error",
  },
  "virtual-tables": {
    title: "A virtual table contradicts itself",
    meaning: "The check of a virtual table (FTS5, R-Tree) found that its index is not that of its content.",
    help:
      "Full-text: INSERT INTO t(t) VALUES('rebuild'). Others: make the table again from the data that it was made " +
      "of.",
    level: "error",
  },
  "foreign-keys": {
    title: "A row refers to one that does not exist",
    meaning: "PRAGMA foreign_key_check found rows whose foreign key has no row in the table that it refers to.",
    help:
      "Insert the row that is referred to, or correct or delete the one that refers to it. Programs have to switch " +
      "foreign_keys on with every connection.",
    level: "error",
  },
};
