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
    "This is PostgreSQL's, not SQLite's: the program talks to another database than you may think. An earlier " +
    "statement of the transaction failed, and PostgreSQL refuses the rest until a rollback. Look for the first " +
    "error.",
  causes: [
    {
      id: "no-rollback",
      what: "The program went on after an error, without a rollback",
      tell: "The message comes after another error on the same connection.",
      cure: "Roll back, or take a fresh connection, and repeat the whole transaction. Cure the first error.",
      findings: [],
      processes: "one",
    },
    {
      id: "other-database",
      what: "The program was meant to use SQLite, and uses PostgreSQL",
      tell: "DATABASE_URL, the settings or the environment name a postgres: address.",
      cure: "Print the address that the program connects to, and set the one you mean.",
      findings: [],
    },
  ],
  next: ["env | grep -i database"],
};
