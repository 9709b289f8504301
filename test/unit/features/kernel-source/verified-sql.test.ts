/** A statement's text is shown only once its place in memory is verified. */
import { describe, expect, test } from "vitest";
import { VerifiedSql } from "../../../../src/features/kernel-source/verified-sql.ts";
import type { CallEvent, CallName } from "../../../../src/recording/source-event.ts";

const call = (name: CallName, text: string | null, { tid = 7, library = 0 } = {}): CallEvent => ({
  ...{ kind: "call", atMs: 0, tid, pid: 7, call: name, library, stackPointer: 1, connection: 1, statement: 1 },
  sql: text === null ? null : { text, cut: false },
});

type Other = { readonly tid?: number; readonly library?: number };

test.each<[string, string, string, Other, boolean]>([
  ["the same text", "select 1", "select 1", {}, true],
  ["the first of several statements", "select 1; select 2", "select 1;", {}, true],
  ["another text", "select 1", "select 2", {}, false],
  ["too short to prove anything", "sele", "sele", {}, false],
  ["another thread's", "select 1", "select 1", { tid: 8 }, false],
  ["another library's", "select 1", "select 1", { library: 1 }, false],
])("%s", (_, prepared, stepped, other, verified) => {
  const sql = new VerifiedSql();
  sql.check(call("prepare", prepared));
  expect(sql.check(call("step", stepped, other)).sql?.text ?? null).toBe(verified ? stepped : null);
  expect(sql.isVerified(other.library ?? 0)).toBe(verified);
});

test("once verified, every text of that library is shown, and of no other", () => {
  const sql = new VerifiedSql();
  sql.check(call("prepare", "select 1"));
  sql.check(call("step", "select 1"));
  expect(sql.check(call("step", "insert into t", { tid: 9 })).sql?.text).toBe("insert into t");
  expect(sql.check(call("step", "insert into t", { library: 1 })).sql).toBeNull();
});

test("the text of prepare is its argument: always shown", () => {
  expect(new VerifiedSql().check(call("prepare", "select 1")).sql?.text).toBe("select 1");
  expect(new VerifiedSql().check(call("step", null)).sql).toBeNull();
});

describe("a program that prepared its statements before", () => {
  test.each<[string, (readonly [text: string, cut?: boolean])[], boolean]>([
    ["two different statements", [["begin immediate"], ["insert into t values(1)"]], true],
    ["one statement, many times", [["insert into t values(1)"], ["insert into t values(1)"]], false],
    ["a text that is no SQL", [["begin immediate"], ["database is locked"], ["commit"], ["insert into t"]], false],
    ["only its beginning, which does not tell", [["with a as (sel", true], ["begin"], ["commit"]], true],
  ])("%s", (_, texts, verified) => {
    const sql = new VerifiedSql();
    const shown = texts.map(([text, cut = false]) => sql.check({ ...call("step", text), sql: { text, cut } }).sql);
    expect(shown.at(-1) !== null).toBe(verified);
    expect([...sql.unverified]).toEqual(verified ? [] : [[0, new Set([7])]]);
  });
});
