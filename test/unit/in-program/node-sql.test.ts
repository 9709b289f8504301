/** What the tracer of Node.js takes a text for. */
import { expect, test } from "vitest";
import { opened } from "../../../src/in-program/node/opening.ts";
import { failureName, resultName } from "../../../src/in-program/node/result-names.ts";
import { sqlFacts } from "../../../src/in-program/node/sql.ts";
import { stateAfter } from "../../../src/in-program/node/state.ts";

function short(text: string, isScript = true): string {
  const { statements, isRead, isWrite, controls } = sqlFacts(text, isScript);
  const words = controls.map(({ kind, name }) => (name === "" ? kind : `${kind} ${name}`));
  return [statements, isRead ? "read" : "", isWrite ? "write" : "", ...words].filter((part) => part !== "").join(" ");
}

test.for([
  ["select 1", "1 read"],
  ["  -- a comment; with begin\n /* and; another */ INSERT INTO t VALUES (';')", "1 write"],
  ["with a as (select 1), b as (delete) insert into t select * from a", "1 write"],
  ["WITH RECURSIVE a(x) AS (SELECT 1) SELECT * FROM a", "1 read"],
  ["with x as (select 'insert') select 1", "1 read"],
  ["begin; insert into t values (1); commit;", "1 write begin commit"],
  ["BEGIN IMMEDIATE", "0 begin"],
  ["end transaction", "0 commit"],
  ['savepoint "A"', "0 savepoint a"],
  ["release savepoint a", "0 release a"],
  ["rollback to savepoint a", "1"],
  ["rollback transaction to a", "1"],
  ["ROLLBACK", "0 rollback"],
  ["create trigger x after insert on t begin insert into u values (1); delete from v; end; select 1", "2 read write"],
  ["create temp trigger x after insert on t begin select 1; end", "1 write"],
  ["select 'a''; begin'; select \"b; commit\"", "2 read"],
  ["pragma journal_mode = wal", "1"],
  ["", "0"],
  [";;", "0"],
  ["-- nothing", "0"],
] as const)("%s", ([text, facts]) => {
  expect(short(text)).toBe(facts);
});

test("a transaction by its words alone", () => {
  const after = (texts: readonly string[], result: string | null = null) =>
    texts.reduce((state, text) => stateAfter(state, sqlFacts(text, true), { isOpen: undefined, result }), {
      isOpen: false as boolean,
      savepoint: undefined as string | undefined,
    }).isOpen;
  expect(after(["begin"])).toBe(true);
  expect(after(["begin"], "SQLITE_BUSY")).toBe(false);
  expect(after(["begin", "savepoint a", "release a"])).toBe(true);
  expect(after(["savepoint a", "savepoint b", "release b"])).toBe(true);
  expect(after(["savepoint a", "savepoint b", "release a"])).toBe(false);
  expect(after(["begin; select 1", "rollback to a"])).toBe(true);
  expect(after(["begin; commit; begin"])).toBe(true);
});

test("names of results", () => {
  expect([5, 517, 261, 19, 2067, 787, 14, 266, 11, 0, 999].map((code) => resultName(code) ?? null)).toEqual([
    ...["SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_BUSY_RECOVERY", "SQLITE_CONSTRAINT"],
    ...["SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_FOREIGNKEY", "SQLITE_CANTOPEN", "SQLITE_IOERR_READ"],
    ...["SQLITE_CORRUPT", null, null],
  ]);
  expect(failureName({ code: "SQLITE_BUSY" })).toBe("SQLITE_BUSY");
  expect(failureName({ code: "ERR_SQLITE_ERROR", errcode: 5 })).toBe("SQLITE_BUSY");
  expect(failureName(new RangeError("no"))).toBe("RangeError");
  expect(failureName(undefined)).toBe("Error");
});

test.for([
  [":memory:", null, null],
  ["", null, null],
  ["/a/b.db", "/a/b.db", null],
  ["file:/a/b%20c.db?mode=ro", "/a/b c.db", null],
  ["file:///a/b.db", "/a/b.db", null],
  ["file:one?mode=memory&cache=shared", null, "one"],
  ["file::memory:?cache=shared", null, ":memory:"],
  ["file::memory:", null, null],
] as const)("the name %s", ([name, path, memory]) => {
  expect(opened(name, true)).toEqual({ path, memory });
});
