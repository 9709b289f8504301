import { expect, test } from "vitest";
import { fingerprintOf, isCut, StatementTexts, withLiterals } from "../../../../src/recording/sql/fingerprint.ts";

const whole = (text: string) => fingerprintOf({ text, cut: false });
const start = (text: string) => fingerprintOf({ text, cut: true });

test.each([
  ["strings", "select 'O''Brien', ''", "select ?, ?"],
  ["numbers", "select 1, 1.5, .5, 5., 1e9, 1.5E-3, 0xFF, 1_000, 0x1_F, -3", "select ?, ?, ?, ?, ?, ?, ?, ?, ?, -?"],
  ["a number with letters", "select 12abc", "select ?"],
  ["blobs", "select x'00ff', X'', x'not hex'", "select ?, ?, ?"],
  ["comments", "-- a secret\nselect /* another */ a/**/from t -- and one", "select a from t"],
  ["a comment without end", "select 1 /* secret", "select ?"],
  ["a comment that is none", "select 1 /", "select ? /"],
  ["white space", "\u{feff} select\n\t a ,b\f from t ;\n", "select a ,b from t"],
  ["NULL, TRUE and FALSE stay", "select null, TRUE, False", "select null, TRUE, False"],
  ["parameters stay", "select ?, ?1, :a, @b, $c, $d::e, #1", "select ?, ?1, :a, @b, $c, $d::e, #1"],
  ["a parameter with parentheses", "select $a(secret), :b(secret)", "select ?, ?"],
  ["a parameter with a string in its name", "select $a('secret')", "select ?"],
  ["a parameter without end", "select $a(secret", "select ?"],
  ["names in brackets and backticks", "select [a 'b'], `c``d` from t", "select [a 'b'], `c``d` from t"],
  ["operators", "select a->>'$.secret', a||'b', a<>1, a!=2, ~3", "select a->>?, a||?, a<>?, a!=?, ~?"],
  ["a NUL ends it", "select 1\0'secret'", "select ?"],

  [
    "a list",
    "select * from t where a in (1, -2, ?, :x, null) and b in(3)",
    "select * from t where a in (…) and b in(…)",
  ],
  ["a list with a call", "select a in (1, f(2))", "select a in (?, f(?))"],
  ["a subquery", "select a in (select 1)", "select a in (select ?)"],
  [
    "rows",
    "insert into t values (1, 'a'), (2, 'b'),(3, f(4, 5)) returning a",
    "insert into t values (?, ?), (…) returning a",
  ],
  ["one row", "insert into t values(1,2)", "insert into t values(?,?)"],

  ["a name after FROM", `select * from "t" join "u"`, `select * from "t" join "u"`],
  ["a name with its table", `select "t"."a", "m"."t".* from "t"`, `select "t"."a", "m"."t".* from "t"`],
  ["a name or a string", `select "a" from t where "b" = "c"`, "select ? from t where ? = ?"],
  ["a name that stands there anyway", `select "a", "Bob" from t order by a`, `select "a", ? from t order by a`],
  ["the columns of INSERT", `insert into "t" ("a", "b") values ("x", 'y')`, `insert into "t" ("a", "b") values (?, ?)`],
  ["not its rows", `insert into t values ("a", ("b"))`, "insert into t values (?, (?))"],
  [
    "SET",
    `update "t" set "a" = "x", "b" = f("y", "z") where "c" = 1`,
    `update "t" set "a" = ?, "b" = f(?, ?) where ? = ?`,
  ],
  ["UPDATE OR", `update or ignore "t" set a = 1`, `update or ignore "t" set a = ?`],
  [
    "an upsert",
    `insert into t("a") values (1) on conflict("a") do update set "b" = "x", "c" = 2`,
    `insert into t("a") values (?) on conflict("a") do update set "b" = ?, "c" = ?`,
  ],
  [
    "CREATE TABLE",
    `create table if not exists "t" ("a" integer default "x", "b" text check ("b" <> "y"))`,
    `create table if not exists "t" ("a" integer default ?, "b" text check ("b" <> ?))`,
  ],
  ["IS DISTINCT FROM", `select a is distinct from "secret"`, "select a is distinct from ?"],
  [
    "IS DISTINCT FROM in SET",
    `update t set a = b is distinct from 'x', "c" = 1`,
    'update t set a = b is distinct from ?, "c" = ?',
  ],
  ["VACUUM INTO", `vacuum into "secret"`, "vacuum into ?"],
  ["ATTACH", `attach "file" as "name" key secret`, "attach ? as ? key ?"],
  ["a name that is the key as well", `attach "secret" as x key secret`, "attach ? as x key ?"],
  ["the key of a database", "pragma main.key = secret words", "pragma main.key = ?"],
  ["the key of a database, in brackets", "pragma [key](secret)", "pragma [key](?"],
  ["another pragma", "pragma busy_timeout = 5000", "pragma busy_timeout = ?"],

  [
    "a quote in a string",
    "select * from t where a = 1 and n = 'O'Brien secret'",
    "select * from t where a = ? and n = ?",
  ],
  ["a backslash", "select 'a\\' or secret'", "select ?"],
  ["the first string on, where one has no end", "select a, 'b', secret, 'c", "select a, ?"],
  ["a word right after a string", "select 'a'and'b'from t", "select ?and?from t"],
  ["a name in quotes without end", `select a, "secret`, "select a, ?"],
  ["a name in brackets without end", "select a, [secret", "select a, ?"],
])("%s", (_, sql, expected) => {
  expect(whole(sql)).toBe(expected);
});

test.each([
  ["a string", "select a, 'b', c, 'secr", "select a, ?, c, ? …"],
  ["a number", "select 12", "select ? …"],
  ["a name", "select abc", "select abc …"],
  ["rows", "insert into t values (1, 2), (3, 'a", "insert into t values (?, ?), (…) …"],
  ["rows, at the comma", "insert into t values (1, 2),", "insert into t values (?, ?), (…) …"],
  ["a list", "select a in (1, 2, 'x", "select a in (?, ?, ? …"],
  ["a comment", "select 1 -- secr", "select ? …"],
])("cut in %s", (_, sql, expected) => {
  expect(start(sql)).toBe(expected);
  expect(isCut(start(sql))).toBe(true);
  expect(isCut(whole(sql))).toBe(false);
});

test("with literals it is as the program wrote it", () => {
  expect(withLiterals({ text: " select 'a  b' ", cut: false })).toBe("select 'a  b'");
  expect(withLiterals({ text: "select 'a", cut: true })).toBe("select 'a …");
});

test("of a long text 1,000 characters are shown, never half of one", () => {
  const texts = new StatementTexts(true);
  const shown = (text: string) => texts.of({ text, cut: false });
  expect(shown("a".repeat(1_000))).toBe("a".repeat(1_000));
  expect(shown("a".repeat(1_001))).toBe(`${"a".repeat(1_000)} …`);
  expect(shown(`${"a".repeat(999)}😀`)).toBe(`${"a".repeat(999)} …`);
  expect(isCut(shown("a".repeat(5_000)))).toBe(true);
  const columns = Array.from({ length: 300 }, (_, n) => `c${n} = 'secret${n}'`).join(", ");
  expect(new StatementTexts(false).of({ text: `update t set ${columns}`, cut: false })).not.toMatch(/secret/);
});

test("texts are remembered, and forgotten before they are too many", () => {
  const texts = new StatementTexts(false, 10);
  const shown = Array.from({ length: 100 }, (_, n) => texts.of({ text: `select ${n} -- ${n}`, cut: false }));
  expect(new Set(shown)).toEqual(new Set(["select ?"]));
  expect(texts.of({ text: "select 1 -- 1", cut: true })).toBe("select ? …");
  expect(new StatementTexts(true).of({ text: "select 1", cut: false })).toBe("select 1");
});
