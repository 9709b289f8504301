import type { Entry } from "../entry.ts";

export const poolExhausted: Entry = {
  id: "pool-exhausted",
  title: "QueuePool limit of size 5 overflow 10 reached, connection timed out",
  code: null,
  extended: [],
  wordings: [
    {
      pattern: /\bQueuePool limit of size \d{1,9} overflow -?\d{1,9} reached, connection timed out\b/,
      library: "sqlalchemy",
    },
    { pattern: /\bTimed out fetching a new connection from the (?:connection )?pool\b/, library: "prisma" },
    { pattern: /\bUnable to start a transaction in the given time\b/, library: "prisma" },
    { pattern: /\bKnex: Timeout acquiring a connection\b/, library: "knex" },
    { pattern: /\bcould not obtain a connection from the pool within\b/, library: "rails" },
    { pattern: /\bpool timed out while waiting for an open connection\b/, library: "sqlx" },
  ],
  examples: [
    {
      library: "sqlalchemy",
      text:
        "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout " +
        "30.00 (Background on this error at: https://sqlalche.me/e/14/3o7r)",
    },
    {
      library: "prisma",
      text:
        "Timed out fetching a new connection from the connection pool. More info: http://pris.ly/d/connection-pool " +
        "(Current connection pool timeout: 10, connection limit: 5)",
    },
    { library: "prisma", text: "Transaction API error: Unable to start a transaction in the given time." },
    {
      library: "knex",
      text:
        "KnexTimeoutError: Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a " +
        ".transacting(trx) call?",
    },
    {
      library: "rails",
      text:
        "ActiveRecord::ConnectionTimeoutError: could not obtain a connection from the pool within 5.000 seconds " +
        "(waited 5.002 seconds); all pooled connections were in use",
    },
    { library: "sqlx", text: "pool timed out while waiting for an open connection" },
  ],
  meaning:
    "All connections of the program's own pool are in use, and none was returned in time. SQLite was not " +
    "called yet. Either connections leak, or the work on them takes too long, perhaps because it waits for a " +
    "lock: then 'database is locked' appears nearby.",
  causes: [
    {
      id: "inside-transaction",
      what: "A query inside a transaction asks the pool for a second connection",
      tell:
        "It fails under little load, even with one request; with a pool of 1, as Knex has for SQLite, it always " +
        "fails. The query uses the pool instead of the transaction.",
      cure: "Run every query of a transaction on the transaction's own handle.",
      code: [
        { library: "knex", text: 'await trx("t").insert(row)  // or knex("t").transacting(trx)' },
        {
          library: "prisma",
          text: "prisma.$transaction(async (tx) => { await tx.user.create(…) })  // tx, not prisma",
        },
        { library: "sqlx", text: "query.execute(&mut *tx).await?  // not &pool" },
        { library: "sqlalchemy", text: "session.connection()  # not engine.connect() inside the session's work" },
      ],
      findings: ["same-process-contention"],
      processes: "one",
    },
    {
      id: "leak",
      what: "Connections or sessions are taken and never returned",
      tell:
        "It works for a while and then fails until a restart. who-holds shows one process with many handles on the " +
        "database.",
      cure: "Return them on every path: with, using, defer, finally; in web frameworks, at the end of the request.",
      code: [
        {
          library: "sqlalchemy",
          text: "with Session(engine) as session:  # or session.close(), scoped_session.remove()",
        },
        {
          library: "rails",
          text: "ActiveRecord::Base.connection_pool.with_connection { … }  # in threads that you start",
        },
      ],
      findings: ["open-files-exhausted"],
      processes: "one",
    },
    {
      id: "slow-work",
      what: "The work on the connections waits for a lock or for something slow",
      tell: "who-holds shows a writer that others wait for, or the program calls the network inside its transactions.",
      cure:
        "Find the process that holds the lock with who-holds, and follow what it says to do; keep transactions " +
        "short.",
      findings: ["uncommitted-write", "suspended-holder", "same-process-contention", "likely-waiting"],
    },
    {
      id: "too-small",
      what: "More threads than connections",
      tell: "The server has more threads or workers than the pool has connections.",
      cure:
        "Make the pool as large as the number of threads. More writers do not write faster: SQLite lets one " +
        "connection write at a time.",
      code: [
        { library: "sqlalchemy", text: "create_engine(url, pool_size=20)" },
        { library: "rails", text: 'pool: <%= ENV.fetch("RAILS_MAX_THREADS") { 5 } %>  # in database.yml' },
        { library: "prisma", text: 'url = "file:./app.db?connection_limit=1&pool_timeout=30"  // queries queue up' },
      ],
      findings: [],
      processes: "one",
    },
  ],
  next: ["sqlock who-holds DATABASE"],
};
