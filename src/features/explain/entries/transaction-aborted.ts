import type { Entry } from "../entry.ts";

export const transactionAborted: Entry = {
  id: "transaction-aborted",
  title: "current transaction is aborted, commands ignored until end of transaction block",
  code: null,
  extended: [],
  wordings: [
    {
      pattern: /\bcurrent transaction is aborted, commands ignored until end of transaction block\b/i,
      library: "postgresql",
    },
  ],
  examples: [
    {
      library: "postgresql",
      text: "ERROR:  current transaction is aborted, commands ignored until end of transaction block",
    },
    {
      library: "postgresql",
      text:
        "psycopg2.errors.InFailedSqlTransaction: current transaction is aborted, commands ignored until end of " +
        "transaction block",
    },
    {
      library: "postgresql",
      text:
        "django.db.utils.InternalError: current transaction is aborted, commands ignored until end of transaction " +
        "block",
    },
  ],
  meaning:
    "This is a message of PostgreSQL, not of SQLite: the program talks to a different database than you may " +
    "think. An earlier statement of the transaction failed, and PostgreSQL refuses the rest until a rollback. " +
    "Look for the first error.",
  causes: [
    {
      id: "no-rollback",
      what: "The program went on after an error, without a rollback",
      tell: "The message follows another error on the same connection.",
      cure: "Roll back, or open a new connection, and repeat the whole transaction. Fix the first error.",
      findings: [],
      processes: "one",
    },
    {
      id: "other-database",
      what: "The program was meant to use SQLite, but uses PostgreSQL",
      tell: "DATABASE_URL, the settings or the environment contain a postgres: address.",
      cure: "Print the address that the program connects to, and set the one that you want.",
      findings: [],
    },
  ],
  next: ["env | grep -i database"],
};
