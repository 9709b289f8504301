import { describe, expect, it } from "vitest";
import { transactionWords } from "../../../../src/recording/sql/transaction-words.ts";

describe("transactionWords", () => {
  it.each([
    ["BEGIN", "begin", null],
    ["begin immediate transaction", "begin", null],
    ["  \n\t;; BEGIN", "begin", null],
    ["/* a */ -- b\n begin", "begin", null],
    ["-- only a comment", "none", null],
    ["/* not closed", "none", null],
    ["COMMIT", "commit", null],
    ["end transaction", "commit", null],
    ["SAVEPOINT a", "savepoint", "a"],
    ['savepoint "A ""b"', "savepoint", 'a "b'],
    ["release [x y]", "release", "x y"],
    ["RELEASE SAVEPOINT `x`", "release", "x"],
    ["release savepoint", "release", "savepoint"],
    ["ROLLBACK", "rollback", null],
    ["rollback transaction;", "rollback", null],
    ["ROLLBACK TO a", "rollback-to", "a"],
    ["rollback transaction to savepoint 'a'", "rollback-to", "a"],
    ["rollback /* x */ to a", "rollback-to", "a"],
    ["rollback; select 1", "rollback", null],
    ["rollback; to a", "rollback", null],
    ["select 1", "none", null],
    ["create table begin(x)", "none", null],
    ["beginning", "none", null],
    ["replace into t values(1)", "none", null],
    ["", "none", null],
  ])("%j", (sql, border, savepoint) => {
    expect(transactionWords(sql)).toEqual({ border, savepoint });
  });

  it.each(["release …", "rollback …", "savepoint a …", "rollback to sa_savep …", " …", "-- a \n …"])(
    "%j: the rest may make it another one",
    (sql) => {
      expect(transactionWords(sql)).toBeNull();
    },
  );

  it.each([
    ["begin …", "begin"],
    ["commit …", "commit"],
    ["with a as (select …", "none"],
    ["insert into t …", "none"],
  ])("%j: whatever the rest is", (sql, border) => {
    expect(transactionWords(sql)).toEqual({ border, savepoint: null });
  });
});
