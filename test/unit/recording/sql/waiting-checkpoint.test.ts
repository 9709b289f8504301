import { expect, it } from "vitest";
import { isWaitingCheckpoint } from "../../../../src/recording/sql/waiting-checkpoint.ts";

it.each([
  ["pragma wal_checkpoint(FULL)", true],
  ["PRAGMA main.wal_checkpoint = 'truncate'", true],
  ["pragma wal_checkpoint(restart);", true],
  ['; pragma /* all of it */ [main] . "wal_checkpoint" ( [Full] )', true],
  ["pragma wal_checkpoint(passive)", false],
  ["pragma wal_checkpoint", false],
  ["pragma wal_autocheckpoint(1)", false],
  ["insert into log values ('pragma wal_checkpoint(full)')", false],
  ["select 1 -- wal_checkpoint(full)", false],
  ["pragma user_version = 1 /* wal_checkpoint(full) */", false],
  ["", false],
])("%j: %s", (sql, expected) => {
  expect(isWaitingCheckpoint(sql)).toBe(expected);
});
