import { size } from "../phrases.ts";
import type { Rule } from "./rule.ts";

/** A crash left a transaction half written, and nobody has rolled it back yet. */
export const hotJournal: Rule = ({ database }) => {
  if (database.journal?.hot !== true) return [];
  return [
    {
      id: "hot-journal",
      severity: "warning",
      pids: [],
      summary: `${database.path}-journal is hot: a writer died in the middle of a transaction, and nobody has undone it yet.`,
      detail: `The journal (${size(database.journal.sizeBytes)}) holds the pages as they were before; nobody holds a lock on the database. The next program that opens it with write permission rolls the transaction back.`,
      remedy:
        "Do not delete the journal: without it the database is corrupt. Open the database once (sqlite3 DATABASE 'PRAGMA schema_version'), or copy both files together.",
    },
  ];
};
