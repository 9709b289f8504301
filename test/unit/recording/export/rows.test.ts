/** The tables of a recording: which rows a line has, and which moments they name. */
import { describe, expect, it, test } from "vitest";
import { Cells } from "../../../../src/recording/export/cells.ts";
import { rowsOf } from "../../../../src/recording/export/rows.ts";
import { endRows, runRow } from "../../../../src/recording/export/state-rows.ts";
import { type Cell, columnsOf, type TableName, tableSql } from "../../../../src/recording/export/tables.ts";
import { WallTexts } from "../../../../src/recording/export/wall-texts.ts";
import { Zone } from "../../../../src/recording/history/zone.ts";
import type { ProgramTransaction, RecordingLine } from "../../../../src/recording/lines.ts";
import type { SummaryLine } from "../../../../src/recording/summary-line.ts";
import {
  blocker,
  callSite,
  connectionLine,
  countsLine,
  lockLine,
  misuseLine,
  processLine,
  refusalLine,
  statement,
  transactionLine,
  waitLine,
} from "../../../support/recording.ts";
import { factsOf } from "../../../support/trace-of.ts";

type Rows = Readonly<Partial<Record<TableName, Readonly<Record<string, Cell>>[]>>>;

const zone = new Zone("Europe/Berlin");

function rows(lines: readonly RecordingLine[], facts = factsOf()): Rows {
  const all = new Map<TableName, Readonly<Record<string, Cell>>[]>();
  const wall = new WallTexts(facts.clock.toUtcMs, (utcMs) => zone.offsetMs(utcMs));
  const cells = new Cells(facts, wall, (table, row) => {
    expect(Object.keys(row).sort()).toEqual(columnsOf(table).sort());
    all.set(table, [...(all.get(table) ?? []), row]);
  });
  for (const run of facts.runs) runRow(run, cells);
  for (const line of lines) rowsOf(line, cells);
  endRows(facts, { patterns: [] } as unknown as SummaryLine, cells);
  return Object.fromEntries(all);
}

describe("rows", () => {
  it("a wait, with who was in the way; names have rows of their own, each once", () => {
    const wait = waitLine({ callSite: callSite(42, { task: "Task-3", thread: "worker" }) });
    const { waits, blockers, processes, databases, statements, code_lines } = rows([wait, wait]);
    expect(waits?.[1]).toMatchObject({
      ...{ id: 2, process_id: 1, database_id: 1, lock: "WRITE", from_ms: 900, to_ms: 1_800, waited_ms: 900 },
      ...{ from_utc: "2026-07-01T01:00:00.900Z", from_local: "2026-07-01T03:00:00.900+02:00", attempts: 12 },
      ...{ outcome: "granted", sure: "proved", within_process: 0, statement_id: 1, code_line_id: 1 },
      ...{ thread: "worker", task: "Task-3", connection_id: null },
    });
    expect(blockers).toHaveLength(2);
    expect(blockers?.[1]).toMatchObject({
      id: 2,
      wait_id: 2,
      refusal_id: null,
      lock_id: null,
      process_id: 2,
      blocked_ms: 900,
    });
    expect(processes).toMatchObject([
      { id: 1, pid: 4250, start_ticks: "1000", name: null },
      { id: 2, pid: 4242, start_ticks: "900" },
    ]);
    expect(databases).toEqual([{ id: 1, path: "/srv/app/db.sqlite3" }]);
    expect(statements).toEqual([
      { id: 1, sql: "insert into t values (?)" },
      { id: 2, sql: "begin immediate" },
    ]);
    expect(code_lines).toMatchObject([{ id: 1, file: "/srv/app/shop/views.py", line: 42, function: "create_order" }]);
  });

  it("a process: what its last line says is valid; without a start it is the last one of that number", () => {
    const { processes, blockers } = rows([
      processLine({ startTicks: "1" }),
      processLine({ startTicks: "2", commandLine: null, name: "sh" }),
      processLine({ startTicks: "2", commandLine: ["/bin/a", "b c"] }),
      waitLine({ startTicks: "1", blockers: [blocker({ pid: 4250, startTicks: null })] }),
    ]);
    expect(processes?.at(-1)).toMatchObject({ id: 2, pid: 4250, start_ticks: "2", command_line: "/bin/a b c" });
    expect(blockers).toMatchObject([{ process_id: 2 }]);
  });

  it("what had not ended: until the end of its run, and NULL where it would have ended", () => {
    const { locks, transactions, transaction_statements } = rows([
      lockLine({ fromMs: 1_000, toMs: null, sql: null }),
      transactionLine({
        fromMs: 2_000,
        toMs: null,
        outcome: "open",
        statements: [statement(), statement({ times: 9 })],
      }),
    ]);
    const open = { to_ms: null, to_utc: null, to_local: null };
    expect(locks).toMatchObject([{ ...open, held_ms: 9_000, statement_id: null, shared_by: 1 }]);
    expect(transactions).toMatchObject([{ ...open, open_ms: 8_000, outcome: "open", told_by_program: 0 }]);
    expect(transaction_statements).toMatchObject([
      { transaction_id: 1, position: 1, times: 1 },
      { transaction_id: 1, position: 2, times: 9 },
    ]);
  });

  it("what programs tell", () => {
    const program: ProgramTransaction = {
      ...{ connectionId: 7, alone: true, endedAt: callSite(50), endedBy: "close", leftOpenBy: "request" },
      pause: { ms: 30, after: callSite(42), before: null },
    };
    const { transactions, connections, misuses, refusals, blockers } = rows([
      transactionLine({ callSite: callSite(41), program }),
      connectionLine({ id: 7, path: null, memory: "shared" }),
      misuseLine({ connectionId: 7, times: 3 }),
      refusalLine({ blockers: [blocker()], pathIs: "likely", connectionId: 7 }),
    ]);
    expect(transactions).toMatchObject([
      {
        ...{ connection_id: 7, told_by_program: 1, ended_by: "close", left_open_by: "request", pause_ms: 30 },
        ...{ code_line_id: 3, ended_at: 1, pause_after: 2, pause_before: null },
      },
    ]);
    expect(connections).toMatchObject([
      { id: 7, database_id: null, memory: "shared", busy_timeout_ms: 5_000, closed: "closed" },
    ]);
    expect(misuses).toMatchObject([{ connection_id: 7, times: 3 }]);
    expect(refusals).toMatchObject([{ database_is: "likely", connection_id: 7, sure: "proved" }]);
    expect(blockers).toMatchObject([{ wait_id: null, refusal_id: 1 }]);
  });

  it("what was only counted, with how many were how long; NULL is not zero", () => {
    const { counts, counted_locks, counted_lengths } = rows([
      countsLine({
        holds: {
          WRITE: { times: 5, totalMs: 9, longestMs: 4, writes: 5, buckets: { 40: 5 } },
          READ1: { times: 3, totalMs: 6, writes: 1, writesMs: 2, buckets: { 44: 2, 48: 1 }, writeBuckets: { 44: 1 } },
        },
        waits: null,
        transactions: null,
      }),
    ]);
    expect(counts).toMatchObject([{ id: 1, waits: null, waited_ms: null, transactions: null, commits: 0, gave_up: 0 }]);
    expect(counted_locks).toEqual([
      { counts_id: 1, lock: "WRITE", times: 5, total_ms: 9, longest_ms: 4, writes: 5, writes_ms: 9 },
      { counts_id: 1, lock: "READ1", times: 3, total_ms: 6, longest_ms: null, writes: 1, writes_ms: 2 },
    ]);
    expect(counted_lengths?.map(({ what, lock, up_to_ms, times }) => [what, lock, up_to_ms, times])).toEqual([
      ["lock", "WRITE", 1.024, 5],
      ["write lock", "WRITE", 1.024, 5],
      ["lock", "READ1", 2.048, 2],
      ["lock", "READ1", 4.096, 1],
      ["write lock", "READ1", 2.048, 1],
    ]);
  });

  it("how things stood, and what is not known", () => {
    const path = "/srv/app/db.sqlite3";
    const facts = factsOf({ blanks: [{ fromMs: 1, toMs: 2, why: "lost" }] });
    const all = rows(
      [
        {
          type: "wal",
          atMs: 5,
          path,
          bytes: 100,
          frames: 9,
          copied: 1,
          pinned: 8,
          pinnedBy: [{ pid: 7, startTicks: "1" }],
        },
        { type: "database", atMs: 6, path, change: "replaced" },
        { type: "clock", atMs: 7, wallClock: "2026-07-01T03:00:00.007+02:00", suspendedMs: 9 },
        { type: "unknown", atMs: 8, what: "sql", why: "sampled", pids: [1, 2], untilMs: null },
        { type: "folded", fromMs: 1, toMs: 9, lines: 3 },
      ],
      facts,
    );
    expect(all.wal).toMatchObject([{ bytes: 100, copied_frames: 1, pinned_frames: 8 }]);
    expect(all.wal_readers).toEqual([{ wal_id: 1, process_id: 1 }]);
    expect(all.database_changes).toMatchObject([{ change: "replaced" }]);
    expect(all.clock).toMatchObject([{ slept_ms: 9 }]);
    expect(all.not_known).toMatchObject([{ pids: "[1,2]", to_ms: null, until_ms: null }]);
    expect(all.folded).toMatchObject([{ lines: 3 }]);
    expect(all.blanks).toMatchObject([{ why: "lost", to_local: "2026-07-01T03:00:00.002+02:00" }]);
    expect(all.runs).toMatchObject([{ ended: "complete", exact: 1, has_statements: 1, is_redacted: 0 }]);
  });
});

test("local times are right over both changes of summer time", () => {
  const texts = (utcMs: number) =>
    new WallTexts(
      (atMs) => utcMs + atMs,
      (each) => zone.offsetMs(each),
    );
  const autumn = texts(Date.UTC(2026, 9, 25, 0, 59, 59, 999));
  expect(autumn.of(0).local).toBe("2026-10-25T02:59:59.999+02:00");
  expect(autumn.of(1).local).toBe("2026-10-25T02:00:00.000+01:00");
  expect(autumn.of(0).local).toBe("2026-10-25T02:59:59.999+02:00");
  const spring = texts(Date.UTC(2026, 2, 29, 0, 59, 59, 999));
  expect(spring.of(0).local).toBe("2026-03-29T01:59:59.999+01:00");
  expect(spring.of(1).local).toBe("2026-03-29T03:00:00.000+02:00");
  expect(spring.of(1).utc).toBe("2026-03-29T01:00:00.000Z");
});

test("the schema says what its columns mean", () => {
  expect(tableSql("wal_readers")).toBe(
    "CREATE TABLE wal_readers (\n" +
      "  -- Who read an older state, so that frames could not be copied back.\n" +
      "  wal_id INTEGER NOT NULL REFERENCES wal(id),\n" +
      "  process_id INTEGER NOT NULL REFERENCES processes(id)\n)",
  );
  expect(tableSql("locks")).toContain("  held_ms REAL NOT NULL, -- until the end of the recording");
});
