import type { Entry } from "../entry.ts";

export const closedDatabase: Entry = {
  id: "closed-database",
  title: "Cannot operate on a closed database",
  code: null,
  extended: [],
  wordings: [{ pattern: /Cannot operate on a closed database/i, library: "python-sqlite3" }],
  examples: [{ library: "python-sqlite3", text: "sqlite3.ProgrammingError: Cannot operate on a closed database." }],
  meaning:
    "The program uses a connection (or a cursor of one) that it has closed. SQLite is not asked at all: the library refuses. No lock and no other program has to do with it.",
  causes: [
    {
      id: "used-after-close",
      what: "The connection was closed earlier in the same program",
      tell: "The traceback shows where it is used; look for close(), a with block or a request that had ended before.",
      cure: "Open a fresh connection for each request, task or thread, and close it where it was opened.",
      findings: [],
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
