/** What sqlock knows of its findings. */
import type { FindingPages } from "./finding-pages.ts";

export const FINDING_PAGES: Partial<FindingPages> = {
  "uncommitted-write": {
    title: "A write transaction that nobody works on",
    evidence: "A process holds the write lock (RESERVED or more; WRITE in WAL mode), and none of its threads has run for 10 seconds.",
    meaning: "No other connection can write until it commits, rolls back or ends: each gets 'database is locked' after its busy timeout.",
    remedy: "Commit or roll back in that program. If nobody can, end it with a plain kill: SQLite undoes what was not committed.",
    limits: "It may be waiting for a person on purpose. A process that polls always looks busy, so that its forgotten transaction is not found.",
  },
  "hot-journal": {
    title: "A transaction that a crash cut off",
    evidence: "A -journal with a valid header lies beside the database, and nobody holds RESERVED or more.",
    meaning: "The database is half written until the next program that opens it with write permission rolls the transaction back.",
    remedy: "Do not delete the journal. Open the database once, or copy both files together.",
    limits: "Where the owner of a lock may be out of sight, whether it is hot is not known.",
  },
};
