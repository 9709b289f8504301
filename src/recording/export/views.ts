/** The views of `report --sqlite`: what is usually asked, with names in the place of numbers. Pure. */

/** How a process is called: `4242 python manage.py import`. */
const PROCESS = (table: string) =>
  `${table}.pid || coalesce(' ' || coalesce(${table}.command_line, ${table}.name), '')`;
/** `/srv/app/views.py:42` */
const CODE = (table: string) => `${table}.file || ':' || ${table}.line`;

const VIEWS = {
  named_locks: {
    comment:
      "Each lock with the names of all. Who held what at a time: WHERE from_local <= T AND coalesce(to_local, '9') > T",
    sql: `SELECT l.id AS lock_id, l.from_local, l.to_local, l.from_utc, l.to_utc, l.held_ms, l.at_least,
  d.path AS database, l.lock, l.type, p.pid, ${PROCESS("p")} AS process, s.sql, ${CODE("c")} AS code, l.thread, l.task
FROM locks l JOIN processes p ON p.id = l.process_id JOIN databases d ON d.id = l.database_id
  LEFT JOIN statements s ON s.id = l.statement_id LEFT JOIN code_lines c ON c.id = l.code_line_id`,
  },
  named_waits: {
    comment: "Each wait with the names of all, and who was in the way for longest.",
    sql: `SELECT w.id AS wait_id, w.from_local, w.from_utc, w.waited_ms, w.attempts, w.outcome, w.result,
  d.path AS database, w.lock, p.pid, ${PROCESS("p")} AS process, s.sql, ${CODE("c")} AS code,
  bp.pid AS blocker_pid, ${PROCESS("bp")} AS blocker, b.lock AS blocker_lock, b.held_ms AS blocker_held_ms,
  b.blocked_ms, bs.sql AS blocker_sql, ${CODE("bc")} AS blocker_code
FROM waits w JOIN processes p ON p.id = w.process_id JOIN databases d ON d.id = w.database_id
  LEFT JOIN statements s ON s.id = w.statement_id LEFT JOIN code_lines c ON c.id = w.code_line_id
  LEFT JOIN blockers b ON b.id = (SELECT min(id) FROM blockers WHERE wait_id = w.id)
  LEFT JOIN processes bp ON bp.id = b.process_id LEFT JOIN statements bs ON bs.id = b.statement_id
  LEFT JOIN code_lines bc ON bc.id = b.code_line_id`,
  },
  who_blocked_whom: {
    comment: "Which process kept which other one waiting, how often and for how long.",
    sql: `SELECT ${PROCESS("bp")} AS blocker, ${PROCESS("p")} AS waiter, d.path AS database, b.lock,
  count(DISTINCT w.id) AS waits, round(sum(b.blocked_ms), 3) AS blocked_ms, max(b.blocked_ms) AS longest_ms,
  count(DISTINCT w.id) FILTER (WHERE w.outcome = 'gave-up') AS gave_up, bp.pid AS blocker_pid, p.pid AS waiter_pid
FROM blockers b JOIN waits w ON w.id = b.wait_id JOIN processes bp ON bp.id = b.process_id
  JOIN processes p ON p.id = w.process_id JOIN databases d ON d.id = w.database_id
GROUP BY b.process_id, w.process_id, w.database_id, b.lock ORDER BY sum(b.blocked_ms) DESC`,
  },
  waits_per_minute: {
    comment:
      "Waits by the minute in which they began, those that are only counted among them. No row: there were none.",
    sql: `SELECT minute_local, minute_utc, database, sum(waits) AS waits, round(sum(waited_ms), 3) AS waited_ms,
  max(longest_ms) AS longest_ms, sum(gave_up) AS gave_up, sum(listed) AS listed
FROM (
  SELECT substr(w.from_local, 1, 16) AS minute_local, substr(w.from_utc, 1, 16) AS minute_utc, d.path AS database,
    1 AS waits, w.waited_ms, w.waited_ms AS longest_ms, w.outcome = 'gave-up' AS gave_up, 1 AS listed
  FROM waits w JOIN databases d ON d.id = w.database_id
  UNION ALL
  SELECT substr(c.from_local, 1, 16), substr(c.from_utc, 1, 16), d.path, c.waits, c.waited_ms, NULL, c.gave_up, 0
  FROM counts c JOIN databases d ON d.id = c.database_id WHERE c.waits > 0
)
GROUP BY minute_utc, database ORDER BY minute_utc`,
  },
  longest_transactions: {
    comment: "Transactions, the longest first, with their first and last statement.",
    sql: `SELECT t.id AS transaction_id, t.from_local, t.open_ms, t.at_least, t.kind, t.outcome, t.outside_ms,
  t.waited_ms,
  d.path AS database, p.pid, ${PROCESS("p")} AS process,
  (SELECT s.sql FROM transaction_statements ts JOIN statements s ON s.id = ts.statement_id
    WHERE ts.transaction_id = t.id ORDER BY ts.position LIMIT 1) AS first_sql,
  (SELECT s.sql FROM transaction_statements ts JOIN statements s ON s.id = ts.statement_id
    WHERE ts.transaction_id = t.id ORDER BY ts.position DESC LIMIT 1) AS last_sql,
  ${CODE("c")} AS begun_at, ${CODE("e")} AS ended_at
FROM transactions t JOIN processes p ON p.id = t.process_id JOIN databases d ON d.id = t.database_id
  LEFT JOIN code_lines c ON c.id = t.code_line_id LEFT JOIN code_lines e ON e.id = t.ended_at
ORDER BY t.open_ms DESC`,
  },
  time_held_per_process: {
    comment: "How long each process held which lock, those that are only counted among them.",
    sql: `SELECT ${PROCESS("p")} AS process, d.path AS database, h.lock, h.type, sum(h.times) AS times,
  round(sum(h.held_ms), 3) AS held_ms, max(h.longest_ms) AS longest_ms, max(h.at_least) AS at_least, p.pid
FROM (
  SELECT process_id, database_id, lock, type, 1 AS times, held_ms, held_ms AS longest_ms, at_least FROM locks
  UNION ALL
  SELECT c.process_id, c.database_id, cl.lock, 'write', cl.writes, cl.writes_ms,
    CASE WHEN cl.writes = cl.times THEN cl.longest_ms END, 0
  FROM counted_locks cl JOIN counts c ON c.id = cl.counts_id WHERE cl.writes > 0
  UNION ALL
  SELECT c.process_id, c.database_id, cl.lock, 'read', cl.times - cl.writes, cl.total_ms - cl.writes_ms,
    CASE WHEN cl.writes = 0 THEN cl.longest_ms END, 0
  FROM counted_locks cl JOIN counts c ON c.id = cl.counts_id WHERE cl.writes < cl.times
) h JOIN processes p ON p.id = h.process_id JOIN databases d ON d.id = h.database_id
GROUP BY h.process_id, h.database_id, h.lock, h.type ORDER BY sum(h.held_ms) DESC`,
  },
  refused_calls_by_line: {
    comment: "Which lines of code and statements got SQLITE_BUSY, after a wait or at once.",
    sql: `SELECT count(*) AS times, f.why, f.result, ${CODE("c")} AS code, c.function, s.sql, d.path AS database,
  min(f.from_local) AS first_local, max(f.from_local) AS last_local
FROM (
  SELECT why, result, code_line_id, statement_id, database_id, at_local AS from_local FROM refusals
  UNION ALL
  SELECT 'timeout', result, code_line_id, statement_id, database_id, from_local FROM waits WHERE outcome = 'gave-up'
    AND (result IS NULL OR result LIKE 'SQLITE_BUSY%')
) f JOIN databases d ON d.id = f.database_id LEFT JOIN code_lines c ON c.id = f.code_line_id
  LEFT JOIN statements s ON s.id = f.statement_id
GROUP BY f.why, f.result, f.code_line_id, f.statement_id, f.database_id ORDER BY times DESC`,
  },
  wal_growth: {
    comment: "The WAL by the minute: its largest size, how much that was more than before, and the most frames pinned.",
    sql: `SELECT *, bytes - lag(bytes) OVER (PARTITION BY database ORDER BY minute_utc) AS grown_bytes
FROM (
  SELECT substr(w.at_local, 1, 16) AS minute_local, substr(w.at_utc, 1, 16) AS minute_utc, d.path AS database,
    max(w.bytes) AS bytes, max(w.frames) AS frames, max(w.pinned_frames) AS pinned_frames
  FROM wal w JOIN databases d ON d.id = w.database_id GROUP BY minute_utc, w.database_id
) ORDER BY minute_utc`,
  },
  wal_pinned_by: {
    comment: "Who kept frames of the WAL from being copied back, and how many at most.",
    sql: `SELECT ${PROCESS("p")} AS process, d.path AS database, count(*) AS looks, max(w.pinned_frames) AS most_frames,
  min(w.at_local) AS first_local, max(w.at_local) AS last_local, p.pid
FROM wal_readers r JOIN wal w ON w.id = r.wal_id JOIN processes p ON p.id = r.process_id
  JOIN databases d ON d.id = w.database_id
GROUP BY r.process_id, w.database_id ORDER BY most_frames DESC`,
  },
} as const;

export type ViewName = keyof typeof VIEWS;

export const VIEW_NAMES = Object.keys(VIEWS) as ViewName[];

/** CREATE VIEW, with what it answers. */
export function viewSql(name: ViewName): string {
  const { comment, sql } = VIEWS[name];
  return `CREATE VIEW ${name} AS -- ${comment}\n${sql}`;
}

/** Made when all rows are there. */
export const INDEXES: readonly string[] = [
  "CREATE INDEX locks_by_time ON locks(from_ms, to_ms)",
  "CREATE INDEX locks_by_local_time ON locks(from_local, to_local)",
  "CREATE INDEX locks_by_process ON locks(process_id, from_ms)",
  "CREATE INDEX waits_by_time ON waits(from_ms)",
  "CREATE INDEX waits_by_process ON waits(process_id, from_ms)",
  "CREATE INDEX waits_by_length ON waits(waited_ms)",
  "CREATE INDEX blockers_by_wait ON blockers(wait_id)",
  "CREATE INDEX blockers_by_process ON blockers(process_id)",
  "CREATE INDEX transactions_by_time ON transactions(from_ms)",
  "CREATE INDEX transactions_by_process ON transactions(process_id, from_ms)",
  "CREATE INDEX transactions_by_length ON transactions(open_ms)",
  "CREATE INDEX transaction_statements_in_order ON transaction_statements(transaction_id, position)",
  "CREATE INDEX refusals_by_time ON refusals(at_ms)",
  "CREATE INDEX refusals_by_process ON refusals(process_id)",
  "CREATE INDEX counts_by_time ON counts(from_ms)",
  "CREATE INDEX counted_locks_by_counts ON counted_locks(counts_id)",
  "CREATE INDEX counted_lengths_by_counts ON counted_lengths(counts_id)",
  "CREATE INDEX wal_by_time ON wal(database_id, at_ms)",
  "CREATE INDEX wal_readers_by_wal ON wal_readers(wal_id)",
  "CREATE INDEX processes_by_pid ON processes(pid)",
];

/** Of `blockers`: the lock that was in the way, where it has a row. After the indexes. */
export const JOIN_BLOCKERS = `UPDATE blockers SET lock_id = (
  SELECT id FROM locks l WHERE l.process_id = blockers.process_id AND l.from_ms = blockers.from_ms
    AND l.lock = blockers.lock AND l.database_id = blockers.database_id LIMIT 1)`;
