import { size } from "../phrases.ts";
import { changedAfter, copyAside, restoredText } from "./restored.ts";
import type { Rule } from "./rule.ts";
import { quoted } from "./shell.ts";

/** A crash left a transaction half written, and nobody has rolled it back yet. */
export const hotJournal: Rule = ({ database, seen }) => {
  if (database.journal?.hot !== true) return [];
  return [
    {
      id: "hot-journal",
      severity: "warning",
      pids: [],
      summary: `${database.path}-journal is hot: a writer died in the middle of a transaction, and nobody has undone it yet.`,
      detail: `The journal (${size(database.journal.sizeBytes)}) holds the pages as they were before; nobody holds a lock on the database. The next program that opens it with write permission rolls the transaction back.${restoredText(seen, "journal")}`,
      remedy: `Do not delete the journal: without it the database is corrupt. First copy both aside:\n  ${copyAside(database.path, "journal")}\n${
        changedAfter(seen, "journal") === null
          ? `Then open the database once, unless you have just restored it:\n  sqlite3 ${quoted(database.path)} 'PRAGMA schema_version'`
          : "If you restored the database over the old one, open it with nothing: the journal is the old one's, and would be rolled back into it; move it away. If not, the next program that opens it rolls back."
      }`,
    },
  ];
};
