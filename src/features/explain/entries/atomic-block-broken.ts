import type { Entry } from "../entry.ts";

export const atomicBlockBroken: Entry = {
  id: "atomic-block-broken",
  title: "An error occurred in the current transaction. You can't execute queries until the end of the 'atomic' block.",
  code: null,
  extended: [],
  wordings: [{ pattern: /\bYou can't execute queries until the end of the 'atomic' block\b/, library: "django" }],
  examples: [
    {
      library: "django",
      text:
        "django.db.transaction.TransactionManagementError: An error occurred in the current transaction. You can't " +
        "execute queries until the end of the 'atomic' block.",
    },
  ],
  meaning:
    "An earlier query in this atomic() block failed and the program went on. Django refuses all further " +
    "queries in the block, since the transaction has to be rolled back. Look for the first error: it is the " +
    "one to fix, and may be 'database is locked'.",
  causes: [
    {
      id: "caught-inside",
      what: "The first error was caught inside the block",
      tell:
        "There is a try … except between atomic() and the failing query, or a signal handler or library swallows " +
        "errors; ATOMIC_REQUESTS and TestCase put a block around everything.",
      cure:
        "Catch the error outside the block, or put a separate atomic() around what may fail: it becomes a " +
        "savepoint.",
      code: [{ library: "django", text: "try:\n    with transaction.atomic(): obj.save()\nexcept IntegrityError: …" }],
      findings: [],
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
