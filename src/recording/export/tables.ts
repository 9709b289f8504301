/**
 * The tables of `report --sqlite`. What a column means stands in the schema of the database itself. A column never
 * changes its meaning; columns, tables and views may be added. Pure.
 */

export type Cell = string | number | null;

/** Its declaration, and what it means. */
type Column = readonly [declaration: string, comment?: string];

interface Table {
  readonly comment: string;
  readonly columns: Readonly<Record<string, Column>>;
}

const ID: Column = ["INTEGER PRIMARY KEY"];
const PROCESS: Column = ["INTEGER NOT NULL REFERENCES processes(id)"];
const DATABASE: Column = ["INTEGER NOT NULL REFERENCES databases(id)"];
const TID: Column = ["INTEGER", "the thread, as the kernel numbers it; NULL: not known"];
const CONNECTION: Column = ["INTEGER", "number of SQLite's connection; NULL: not proved"];
const TOLD_CONNECTION: Column = ["INTEGER", "connections.id, where the program tells of it and it has a row"];
const LOCK: Column = ["TEXT NOT NULL", "SQLite's name: WRITE, RESERVED, READ1 ..."];
const TYPE: Column = ["TEXT NOT NULL", "read or write"];
const STATEMENT: Column = ["INTEGER REFERENCES statements(id)", "NULL: not known, or left out (--redact)"];
const CODE: Column = ["INTEGER REFERENCES code_lines(id)", "the program's own line; NULL: not known"];
const THREAD: Column = ["TEXT", "name of the thread; NULL: the main thread, or not known"];
const TASK: Column = ["TEXT", "asyncio task, or request"];
const FROM_MS: Column = ["REAL NOT NULL", "ms since the beginning of the recording, on a clock that nobody moves"];
const AT_MS: Column = FROM_MS;
const UTC: Column = ["TEXT NOT NULL", "the same moment by the wall clock, in UTC"];
const LOCAL: Column = ["TEXT NOT NULL", "and in the time zone of the recording"];
const COUNT: Column = ["INTEGER", "NULL: not known"];

const FROM = { from_ms: FROM_MS, from_utc: UTC, from_local: LOCAL } as const;
const AT = { at_ms: AT_MS, at_utc: UTC, at_local: LOCAL } as const;
const SQL = {
  statement_id: STATEMENT,
  sql_bytes: ["INTEGER", "length of the whole text, where the one that is known is its beginning"],
} as const;

const defined = <const T extends Readonly<Record<string, Table>>>(tables: T) => tables;

export const TABLES = defined({
  runs: {
    comment: "One run of a recorder each, in the order of time.",
    columns: {
      id: ID,
      ...FROM,
      to_ms: ["REAL NOT NULL"],
      to_utc: UTC,
      to_local: LOCAL,
      ended: ["TEXT NOT NULL", "complete; cut: it was killed, or records still"],
      sqlock_version: ["TEXT NOT NULL"],
      source: ["TEXT NOT NULL", "kernel or sampled"],
      exact: ["INTEGER NOT NULL", "1: every lock, wait and refusal is here, but those of the blanks"],
      zone: ["TEXT NOT NULL", "time zone"],
      kernel: ["TEXT NOT NULL"],
      min_wait_ms: ["REAL NOT NULL", "what is shorter is in counts"],
      has_statements: ["INTEGER NOT NULL"],
      has_literals: ["INTEGER NOT NULL"],
      is_redacted: ["INTEGER NOT NULL"],
    },
  },
  databases: { comment: "The databases that were recorded.", columns: { id: ID, path: ["TEXT NOT NULL UNIQUE"] } },
  processes: {
    comment: "Processes: two that had the same number are two.",
    columns: {
      id: ID,
      pid: ["INTEGER NOT NULL"],
      start_ticks: ["TEXT", "when it was started, in clock ticks since the start of the machine"],
      name: ["TEXT", "NULL here and below: not known"],
      command_line: ["TEXT"],
      user: ["TEXT"],
      uid: ["INTEGER"],
      unit: ["TEXT", "of systemd"],
      container: ["TEXT"],
    },
  },
  statements: {
    comment: "Texts of SQL, with ? for their literals unless they were recorded.",
    columns: { id: ID, sql: ["TEXT NOT NULL"] },
  },
  code_lines: {
    comment: "Lines of the programs' own code.",
    columns: {
      id: ID,
      file: ["TEXT NOT NULL"],
      line: ["INTEGER NOT NULL"],
      function: ["TEXT"],
      in_library: ["INTEGER NOT NULL", "1: no line of the program's own was on the stack"],
      called_from: ["TEXT", "up to two further lines, one after the other"],
    },
  },
  connections: {
    comment: "Connections that traced programs tell of.",
    columns: {
      id: ID,
      process_id: PROCESS,
      tid: TID,
      database_id: ["INTEGER REFERENCES databases(id)", "NULL: in memory, or temporary"],
      memory: ["TEXT", "name of a database in memory that several may share"],
      driver: ["TEXT NOT NULL", "sqlite3, better-sqlite3 ..."],
      library: ["TEXT", "the package that opened it for the program"],
      busy_timeout_ms: ["REAL", "as it was opened; NULL: not known"],
      opened_ms: FROM_MS,
      opened_utc: UTC,
      opened_local: LOCAL,
      closed_ms: ["REAL", "NULL: not closed, or not seen"],
      closed: ["TEXT NOT NULL", "closed, collected (dropped without close), open, process-ended, not-opened"],
      opened_at: CODE,
      closed_at: CODE,
      inherited: ["INTEGER NOT NULL", "1: opened before its process was forked"],
      times: ["INTEGER NOT NULL", "so many at the same lines, of which this is one"],
    },
  },
  locks: {
    comment: "Locks that were held for min_wait_ms or more, and shorter ones that a wait was behind.",
    columns: {
      id: ID,
      process_id: PROCESS,
      tid: TID,
      database_id: DATABASE,
      connection: CONNECTION,
      lock: LOCK,
      type: TYPE,
      ...FROM,
      to_ms: ["REAL", "NULL, here and in to_utc and to_local: still held at the end"],
      to_utc: ["TEXT"],
      to_local: ["TEXT"],
      held_ms: ["REAL NOT NULL", "until the end of the recording where it was still held"],
      at_least: ["INTEGER NOT NULL", "1: it was held for longer than that, or maybe"],
      shared_by: ["INTEGER NOT NULL", "so many connections of the process had it together"],
      ...SQL,
      code_line_id: CODE,
      thread: THREAD,
      task: TASK,
    },
  },
  waits: {
    comment: "Locks that a call needed and did not get at once.",
    columns: {
      id: ID,
      process_id: PROCESS,
      tid: TID,
      database_id: DATABASE,
      connection: CONNECTION,
      connection_id: TOLD_CONNECTION,
      lock: LOCK,
      type: TYPE,
      ...FROM,
      to_ms: ["REAL NOT NULL"],
      waited_ms: ["REAL NOT NULL"],
      attempts: ["INTEGER NOT NULL", "how often it was refused"],
      outcome: ["TEXT NOT NULL", "granted, gave-up, killed, still, unknown"],
      result: ["TEXT", "of the call: SQLITE_BUSY ...; NULL: not known"],
      overslept_ms: ["REAL NOT NULL", "the lock was free so long before it was tried again and got"],
      perhaps_several_calls: ["INTEGER NOT NULL", "1: no call was seen around it"],
      within_process: ["INTEGER NOT NULL", "1: for another connection of its own process (likely)"],
      while_reading: ["INTEGER NOT NULL", "1: it had the database to read, so that SQLite does not wait"],
      sure: ["TEXT NOT NULL", "proved; likely: only the program tells of it"],
      ...SQL,
      code_line_id: CODE,
      thread: THREAD,
      task: TASK,
    },
  },
  transactions: {
    comment: "Transactions of min_wait_ms or more, and shorter ones that a wait was behind.",
    columns: {
      id: ID,
      process_id: PROCESS,
      tid: TID,
      database_id: DATABASE,
      connection: CONNECTION,
      connection_id: TOLD_CONNECTION,
      kind: ["TEXT NOT NULL", "read, write, upgrade (read first, then write)"],
      ...FROM,
      to_ms: ["REAL", "NULL, here and in to_utc and to_local: still open at the end"],
      to_utc: ["TEXT"],
      to_local: ["TEXT"],
      open_ms: ["REAL NOT NULL", "until the end of the recording where it was still open"],
      at_least: ["INTEGER NOT NULL", "1: it was open for longer than that, or maybe"],
      outcome: ["TEXT NOT NULL", "commit, rollback, open, process-ended, unknown"],
      inside_ms: ["REAL", "in calls of SQLite; NULL here and below: not known"],
      outside_ms: ["REAL", "between them: the program was doing something else"],
      waited_ms: ["REAL", "of inside_ms, for locks"],
      write_from_ms: ["REAL", "when it got the write lock; NULL: it did not"],
      more_statements: ["INTEGER NOT NULL", "so many that are not listed"],
      shared_locks: ["INTEGER NOT NULL", "1: with locks of another connection of its process (likely)"],
      code_line_id: ["INTEGER REFERENCES code_lines(id)", "where it was begun"],
      read_at: CODE,
      wrote_at: CODE,
      ended_at: CODE,
      ended_by: ["TEXT", "close, collected: its connection was closed or dropped with it"],
      left_open_by: ["TEXT", "task, thread or request that ended while it was open"],
      pause_ms: ["REAL", "the longest time between two of its calls"],
      pause_after: CODE,
      pause_before: CODE,
      thread: THREAD,
      task: TASK,
      told_by_program: ["INTEGER NOT NULL", "1: no lock was seen for it"],
    },
  },
  transaction_statements: {
    comment: "The statements of a transaction, in their order.",
    columns: {
      transaction_id: ["INTEGER NOT NULL REFERENCES transactions(id)"],
      position: ["INTEGER NOT NULL", "from 1 on"],
      at_ms: AT_MS,
      took_ms: ["REAL NOT NULL"],
      result: ["TEXT"],
      times: ["INTEGER NOT NULL", "so many in a row with this text"],
      ...SQL,
    },
  },
  refusals: {
    comment: "Calls that got SQLITE_BUSY or SQLITE_LOCKED without having waited for another process.",
    columns: {
      id: ID,
      process_id: PROCESS,
      tid: TID,
      database_id: DATABASE,
      database_is: ["TEXT NOT NULL", "proved, likely (the only one that it can be), unknown (one of several)"],
      connection: CONNECTION,
      connection_id: TOLD_CONNECTION,
      ...AT,
      call_ms: ["REAL NOT NULL", "how long the call took"],
      waited_ms: ["REAL", "of that, inside SQLite for another connection of its process (likely)"],
      result: ["TEXT NOT NULL"],
      why: [
        "TEXT NOT NULL",
        "same-process, snapshot, committed-in-between, deadlock, inside-process, no-wait, unknown",
      ],
      sure: ["TEXT NOT NULL", "proved or likely"],
      ...SQL,
      code_line_id: CODE,
      thread: THREAD,
      task: TASK,
    },
  },
  blockers: {
    comment: "Who was in the way of a wait or a refusal; who was in the way for longest comes first.",
    columns: {
      id: ID,
      wait_id: ["INTEGER REFERENCES waits(id)"],
      refusal_id: ["INTEGER REFERENCES refusals(id)", "likely, as far as the program tells of it"],
      lock_id: ["INTEGER REFERENCES locks(id)", "NULL: the lock has no row of its own"],
      process_id: PROCESS,
      tid: TID,
      database_id: DATABASE,
      lock: LOCK,
      type: TYPE,
      from_ms: ["REAL NOT NULL", "when the lock was taken"],
      held_ms: ["REAL NOT NULL", "until the end of the wait, or of the lock"],
      at_least: ["INTEGER NOT NULL", "1: held_ms is a lower bound"],
      blocked_ms: ["REAL NOT NULL", "how long of the wait it stood in the way"],
      ...SQL,
      code_line_id: CODE,
      thread: THREAD,
      task: TASK,
    },
  },
  misuses: {
    comment: "Connections that were used in a wrong way, or left behind.",
    columns: {
      id: ID,
      process_id: PROCESS,
      tid: TID,
      connection_id: TOLD_CONNECTION,
      database_id: ["INTEGER REFERENCES databases(id)"],
      kind: ["TEXT NOT NULL"],
      ...AT,
      code_line_id: CODE,
      opened_at: CODE,
      closed_at: CODE,
      ended: ["TEXT", "what ended while the transaction was open"],
      times: ["INTEGER NOT NULL", "so many in all"],
    },
  },
  counts: {
    comment: "What was too short to be listed, added up per process and database, and for a second or longer.",
    columns: {
      id: ID,
      process_id: PROCESS,
      database_id: DATABASE,
      ...FROM,
      to_ms: ["REAL NOT NULL"],
      transactions: COUNT,
      write_transactions: ["INTEGER NOT NULL"],
      commits: ["INTEGER NOT NULL"],
      waits: COUNT,
      waited_ms: ["REAL"],
      attempts: COUNT,
      runs: ["INTEGER NOT NULL", "of refusals, each perhaps several calls: not in waits"],
      runs_ms: ["REAL NOT NULL"],
      gave_up: ["INTEGER NOT NULL", "only of detail that became counts (--max-size)"],
      refusals: ["INTEGER NOT NULL", "only of detail that became counts (--max-size)"],
      optional_refusals: ["INTEGER", "attempts that no call needed"],
    },
  },
  counted_locks: {
    comment: "The locks of a row of counts, by name.",
    columns: {
      counts_id: ["INTEGER NOT NULL REFERENCES counts(id)"],
      lock: LOCK,
      times: ["INTEGER NOT NULL"],
      total_ms: ["REAL NOT NULL"],
      longest_ms: ["REAL"],
      writes: ["INTEGER NOT NULL", "of these, write locks"],
      writes_ms: ["REAL NOT NULL"],
    },
  },
  counted_lengths: {
    comment: "How many of the locks and waits of a row of counts were how long.",
    columns: {
      counts_id: ["INTEGER NOT NULL REFERENCES counts(id)"],
      what: ["TEXT NOT NULL", "lock, write lock (these are among the locks), wait"],
      lock: ["TEXT", "NULL: of a wait"],
      up_to_ms: ["REAL NOT NULL", "so long at most, and longer than 84 % of it"],
      times: ["INTEGER NOT NULL"],
    },
  },
  wal: {
    comment: "The write-ahead log, whenever it had changed; NULL: not known.",
    columns: {
      id: ID,
      database_id: DATABASE,
      ...AT,
      bytes: ["INTEGER", "size of the -wal; NULL: there is none"],
      frames: ["INTEGER", "with committed changes"],
      copied_frames: ["INTEGER", "of these, in the database already"],
      pinned_frames: ["INTEGER", "that no checkpoint can copy now, because of wal_readers"],
    },
  },
  wal_readers: {
    comment: "Who read an older state, so that frames could not be copied back.",
    columns: { wal_id: ["INTEGER NOT NULL REFERENCES wal(id)"], process_id: PROCESS },
  },
  database_changes: {
    comment: "A path led to another file from then on.",
    columns: {
      id: ID,
      database_id: DATABASE,
      ...AT,
      change: ["TEXT NOT NULL", "created, replaced, deleted; found: recorded from then on"],
    },
  },
  blanks: {
    comment: "Times of which the recording tells nothing.",
    columns: {
      id: ID,
      ...FROM,
      to_ms: ["REAL NOT NULL"],
      to_utc: UTC,
      to_local: LOCAL,
      why: [
        "TEXT NOT NULL",
        "no-recorder, broken-off (it was killed, or could not write), disk-full, lost (events), " +
          "switched-off (by another program), damaged (lines)",
      ],
    },
  },
  not_known: {
    comment: "What else cannot be known, and of which processes.",
    columns: {
      id: ID,
      at_ms: AT_MS,
      what: ["TEXT NOT NULL", "sql, wait, blocker, transaction, process, container, lock, call-site"],
      why: ["TEXT NOT NULL"],
      pids: ["TEXT NOT NULL", "JSON; empty: of any process"],
      database_id: ["INTEGER REFERENCES databases(id)"],
      to_ms: ["REAL"],
      until_ms: ["REAL", "what is before this is not known; NULL: all of the recording"],
    },
  },
  folded: {
    comment: "Detail of this time became counts, since the file would have been too large.",
    columns: { id: ID, from_ms: FROM_MS, to_ms: ["REAL NOT NULL"], lines: ["INTEGER NOT NULL"] },
  },
  clock: {
    comment: "Where the wall clock stood; it goes on from there until the next row.",
    columns: {
      id: ID,
      at_ms: AT_MS,
      wall_clock: ["TEXT NOT NULL"],
      slept_ms: ["REAL NOT NULL", "the machine has slept so long just before: at_ms has no time for it"],
    },
  },
  patterns: {
    comment: "Causes that sqlock record names at its end; sqlock explain has more about them.",
    columns: { id: ID, pattern: ["TEXT NOT NULL"], details: ["TEXT NOT NULL", "JSON"] },
  },
});

export type TableName = keyof typeof TABLES;

export type Row<Name extends TableName> = { readonly [Key in keyof (typeof TABLES)[Name]["columns"]]: Cell };

export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

export function columnsOf(name: TableName): string[] {
  return Object.keys(TABLES[name].columns);
}

/** CREATE TABLE, with what its columns mean. */
export function tableSql(name: TableName): string {
  const { comment, columns }: Table = TABLES[name];
  const entries = Object.entries(columns);
  const lines = entries.map(([column, [declaration, meaning]], i) => {
    const comma = i === entries.length - 1 ? "" : ",";
    return `  ${column} ${declaration}${comma}${meaning === undefined ? "" : ` -- ${meaning}`}`;
  });
  return `CREATE TABLE ${name} (\n  -- ${comment}\n${lines.join("\n")}\n)`;
}
