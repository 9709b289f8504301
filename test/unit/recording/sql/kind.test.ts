import { expect, test } from "vitest";
import { kindOf } from "../../../../src/recording/sql/kind.ts";

test.each([
  ["BEGIN", "begin"],
  ["begin transaction", "begin"],
  ["BEGIN DEFERRED", "begin"],
  ["begin /* now */ IMMEDIATE transaction", "begin-immediate"],
  ["begin exclusive", "begin-exclusive"],
  ["COMMIT", "commit"],
  ["end transaction", "commit"],
  ["rollback", "rollback"],
  ["rollback transaction", "rollback"],
  ["rollback to s1", "rollback-to"],
  ["ROLLBACK TRANSACTION TO SAVEPOINT s1", "rollback-to"],
  ["savepoint s1", "savepoint"],
  ["release s1", "release"],
  ["select 1", "select"],
  ["values (1)", "select"],
  ["-- a comment\n; ;\n\u{feff}/* and */ replace into t values (1)", "insert"],
  ["with a as (select 1), b(x) as materialized (values (2)) insert into t select * from a", "insert"],
  ["with recursive a as (delete) update t set a = 1", "update"],
  ["with a as (select 1) select * from a", "select"],
  ["with a as (", "unknown"],
  ["pragma wal_checkpoint(truncate)", "pragma"],
  ["drop table t", "schema"],
  ["explain query plan select 1", "explain"],
  ["", "empty"],
  ["-- nothing", "empty"],
  ["toString", "unknown"],
  ["'begin'", "unknown"],
  ["(select 1)", "unknown"],
])("%s is %s", (sql, kind) => {
  expect(kindOf(sql)).toBe(kind);
});
