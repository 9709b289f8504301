/** The views, asked with SQL. */
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { Cells } from "../../../../src/recording/export/cells.ts";
import { rowsOf } from "../../../../src/recording/export/rows.ts";
import { columnsOf, type Row, TABLE_NAMES, type TableName, tableSql } from "../../../../src/recording/export/tables.ts";
import { viewSql } from "../../../../src/recording/export/views.ts";
import { WallTexts } from "../../../../src/recording/export/wall-texts.ts";
import { foundRun, historyOf } from "../../../support/history.ts";
import { refusalLine, waitLine } from "../../../support/recording.ts";

test("a wait that ended without the lock got SQLITE_BUSY only where its call says so", () => {
  const db = new Sqlite(":memory:");
  db.pragma("foreign_keys = OFF");
  for (const name of TABLE_NAMES) db.exec(tableSql(name));
  db.exec(viewSql("refused_calls_by_line"));
  const facts = historyOf(foundRun("2026-07-01T10:00:00+02:00"));
  const put = <Name extends TableName>(table: Name, row: Row<Name>) => {
    const columns = columnsOf(table);
    const insert = db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (${columns.map(() => "?").join(", ")})`);
    insert.run(columns.map((column) => row[column as keyof Row<Name>]));
  };
  const cells = new Cells(facts, new WallTexts(facts.clock.toUtcMs, () => 0), put);
  for (const line of [
    waitLine({ outcome: "gave-up", result: "SQLITE_BUSY" }),
    waitLine({ outcome: "gave-up", result: "SQLITE_ROW", sql: "pragma wal_checkpoint(restart)" }),
    waitLine(),
    refusalLine({ why: "snapshot", result: "SQLITE_BUSY_SNAPSHOT" }),
  ])
    rowsOf(line, cells);
  const rows = db.prepare("SELECT times, why, result FROM refused_calls_by_line ORDER BY why").all();
  expect(rows).toEqual([
    { times: 1, why: "snapshot", result: "SQLITE_BUSY_SNAPSHOT" },
    { times: 1, why: "timeout", result: "SQLITE_BUSY" },
  ]);
  db.close();
});
