/** What is not to be seen of a statement, in texts that were not written for SQLite, or to be misread. */
import { expect, test } from "vitest";
import { fingerprintOf } from "../../../../src/recording/sql/fingerprint.ts";

const SECRET = "s3cr3t";

test.each([
  ["PRAGMA key = s3cr3t", "PRAGMA key = ?"],
  ["pragma key('s3cr3t'); select a", "pragma key(?"],
  ["pragma 'key' = s3cr3t", "pragma ? = ?"],
  ["pragma foreign_keys=on; pragma main.rekey = s3cr3t", "pragma foreign_keys=on; pragma main.rekey = ?"],
  [";;pragma hexkey=s3cr3t", "pragma hexkey=?"],
  ["explain query plan pragma key=s3cr3t", "explain query plan pragma key=?"],
  ["pragma key s3cr3t", "pragma key ?"],
  ["pragma cipher_license = s3cr3t", "pragma cipher_license = ?"],
  ["pragma activate_extensions(s3cr3t)", "pragma activate_extensions(?"],
  ["attach s3cr3t as x key s3cr3t", "attach ? as x key ?"],
  ["begin; attach database 'f' as x key s3cr3t; select 1", "begin; attach database ? as x key ?"],
])("keys of encrypted databases: %s", hides);

test.each([
  [
    "create virtual table t using odbc(user=bob, password=s3cr3t)",
    "create virtual table t using odbc(user=?, password=?)",
  ],
  [`create virtual table t using m(a, "s3cr3t")`, "create virtual table t using m(a, ?)"],
  [`create view v as select * from a join b on "s3cr3t" = b.x`, "create view v as select * from a join b on ? = b.x"],
  [`create table t(a); select * from a join b on "s3cr3t"`, "create table t(a); select * from a join b on ?"],
  [`create trigger g after update on t begin select 1 from a join b on "s3cr3t"; end`, null],
  [`insert into t (select "x", "s3cr3t")`, "insert into t (select ?, ?)"],
  [`insert into t (values ("x"), "s3cr3t")`, null],
  [`update t set a = 1; attach "s3cr3t" as y`, "update t set a = ?; attach ? as y"],
  [`alter table "t" add column c check("s3cr3t")`, `alter table "t" add column c check(?)`],
])("values in places for names: %s", hides);

test.each([
  [String.raw`insert into t values ('it\' s3cr3t, \' more')`, "insert into t values (?"],
  [String.raw`select 'a\' s3cr3t'`, "select ?"],
  [String.raw`select a, \"s3cr3t\"`, "select a, ?"],
  ["select '' a s3cr3t ''", "select ?"],
  ["select ‘s3cr3t’", "select ?"],
  ["select a, “s3cr3t and more”", "select a, ?"],
  ["select $$s3cr3t$$", "select ?"],
  ["select $tag$ s3cr3t $tag$", "select ?"],
  ["select #s3cr3t#", "select ?"],
])("quotes of others: %s", hides);

test.each([
  ["pragma journal_mode = wal", "pragma journal_mode = wal"],
  ["PRAGMA main.table_info(users)", "PRAGMA main.table_info(users)"],
  ["select a like 'x\\' escape '\\' and b", "select a like ? escape ? and b"],
  ["select 'C:\\' or b", "select ? or b"],
  [`create index "i" on "t" ("a")`, `create index "i" on "t" (?)`],
  ["create virtual table t using fts5(title, body)", "create virtual table t using fts5(title, body)"],
  ["begin; insert into t(a) values (1); commit", "begin; insert into t(a) values (?); commit"],
])("what stays: %s", (sql, shown) => {
  expect(fingerprintOf({ text: sql, cut: false })).toBe(shown);
});

function hides(sql: string, shown: string | null): void {
  const whole = fingerprintOf({ text: sql, cut: false });
  if (shown !== null) expect(whole).toBe(shown);
  expect(whole).not.toContain(SECRET);
  for (let length = 1; length < sql.length; length++) {
    if (!sql.startsWith("select '' a"))
      // a name in SQLite, until the second string comes
      expect(fingerprintOf({ text: sql.slice(0, length), cut: true }), sql.slice(0, length)).not.toContain(SECRET);
  }
}
