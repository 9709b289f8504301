/** Kinds of tables and indexes, each as SQL. Names are no two features' own, so that any of them may be together. */
import { INDEX_FEATURES } from "./index-features.ts";
import { each } from "./numbers.ts";

export interface Feature {
  readonly name: string;
  readonly schema: string;
  /** `n` rows; the same text every time. */
  readonly fill: (n: number) => string;
}

export const FEATURES = [
  {
    name: "plain",
    schema: `create table plain(id integer primary key, name text not null, amount real, data blob);
create index plain_name on plain(name); create unique index plain_both on plain(amount desc, name collate nocase);`,
    fill: (n) =>
      each(n, `insert into plain select i * 3, 'name ' || (i * 7919 % 1009), i / 7.0, zeroblob(i % 50) from NUMBERS;`),
  },
  {
    name: "without-rowid",
    schema: `create table w(a text, b integer, c blob, primary key (b, a)) without rowid; create index w_c on w(c, a);`,
    fill: (n) => each(n, `insert into w select 'key ' || i, i * 31 % 17, hex(i * 65537) from NUMBERS;`),
  },
  {
    name: "generated",
    schema: `create table g(a integer, b text, twice as (a * 2) virtual, shout text as (upper(b)) stored,
check (a < 1000000));
create index g_twice on g(twice); create index g_shout on g(shout, a);`,
    fill: (n) => each(n, `insert into g(a, b) select i, 'word' || i from NUMBERS;`),
  },
  {
    name: "partial-and-expression",
    schema: `create table p(id integer primary key, kind text, n integer, doc text);
create index p_some on p(n) where kind = 'some'; create index p_length on p(length(doc), abs(n));
create unique index p_null on p(n) where n is not null;
create index p_json on p(json_extract(doc, '$.a'));`,
    fill: (n) =>
      each(
        n,
        "insert into p(kind, n, doc) select case i % 3 when 0 then 'some' else 'other' end, case when i % 5 then " +
          "i - 50 end, json_object('a', i, 'b', hex(i * 999)) from NUMBERS;",
      ),
  },
  {
    name: "foreign-keys",
    schema: `create table parent(id integer primary key, code text not null unique, a, b, unique (a, b));
create table child(id integer primary key, parent_id integer references parent(id), code text references parent(code),
a, b, up integer references child(id),
  foreign key (a, b) references parent(a, b));
create index child_parent on child(parent_id);
create table leaf(k text primary key, child_id integer not null references child) without rowid;`,
    fill: (n) =>
      each(n, `insert into parent select i, 'code' || i, i % 9, i from NUMBERS;`) +
      each(n, `insert into child select i, i, 'code' || i, i % 9, i, case when i > 1 then i - 1 end from NUMBERS;`) +
      each(n, `insert into leaf select 'leaf' || i, i from NUMBERS;`),
  },
  {
    name: "overflow",
    schema: `create table big(id integer primary key, body text, data blob); create index big_body on big(body);`,
    // Longer than any page for some, so that each has a chain of pages.
    fill: (n) =>
      each(
        Math.min(n, 8),
        "insert into big select i, substr(replace(hex(zeroblob(1500)), '00', 'text ' || i || ' '), 1, 900 * i), " +
          "zeroblob(case i when 3 then 150000 else 3000 * i end) from NUMBERS;",
      ),
  },
  {
    name: "fts5",
    schema: `create virtual table words using fts5(title, body, prefix='2');
create table articles(id integer primary key, title text, body text);
create virtual table found using fts5(title, body, content='articles', content_rowid='id');
create virtual table only_index using fts5(body, content='');`,
    fill: (n) =>
      each(
        n,
        "insert into words select 'title ' || i, 'the quick brown fox number ' || (i % 13) || ' jumps ' || " +
          "hex(i) from NUMBERS;",
      ) +
      each(n, `insert into articles select i, 'article ' || i, 'lorem ipsum ' || (i * 7 % 31) from NUMBERS;`) +
      `insert into found(found) values ('rebuild');` +
      each(n, `insert into only_index(rowid, body) select i, 'some words ' || i from NUMBERS;`),
  },
  {
    name: "fts4",
    schema: `create virtual table mails using fts4(sender, body);`,
    fill: (n) =>
      each(n, `insert into mails select 'from ' || i % 5, 'dear reader ' || i || ' of ' || hex(i) from NUMBERS;`),
  },
  {
    name: "rtree",
    schema: `create virtual table places using rtree(id, x0, x1, y0, y1, +name);`,
    fill: (n) =>
      each(n, `insert into places select i, i % 10, i % 10 + 1.5, i / 10, i / 10 + 2, 'place ' || i from NUMBERS;`),
  },
  {
    name: "strict",
    schema:
      "create table s(id integer primary key autoincrement, n int not null, t text unique, r real, b blob, x any) " +
      "strict;",
    fill: (n) =>
      each(
        n,
        "insert into s(n, t, r, b, x) select i, 'text ' || i, i * 1.5, zeroblob(i % 9), case i % 3 when 0 then i " +
          "when 1 then 'any' end from NUMBERS;",
      ),
  },
  {
    name: "statistics-and-views",
    schema: `create table m(a, b, c); create index m_a on m(a, b); create index m_c on m(c desc);
create view seen as select a, count(*) as count from m group by a;
create trigger m_added after insert on m when new.a is null begin update m set a = 0 where rowid = new.rowid; end;`,
    fill: (n) => `${each(n, `insert into m select i % 11, i, 'c' || (i * 13 % 101) from NUMBERS;`)}analyze;`,
  },
  {
    name: "odd-names",
    schema: `create table "a table, with ""quotes"" and 'more'"(" column " text, "größe" integer);
create index "an index of [it]" on "a table, with ""quotes"" and 'more'"(" column ", "größe");
create table "名前"("値" text primary key); create table "row 5 missing from index x"(a unique);`,
    fill: (n) =>
      each(n, `insert into "a table, with ""quotes"" and 'more'" select 'value ' || i, i from NUMBERS;`) +
      each(n, `insert into "名前" select '値' || i from NUMBERS;`) +
      each(n, `insert into "row 5 missing from index x" select i from NUMBERS;`),
  },
  {
    name: "many-tables",
    schema: Array.from(
      { length: 25 },
      (_, i) => `create table t${i}(a integer primary key, b text unique, c default 'x');`,
    ).join("\n"),
    fill: (n) =>
      Array.from({ length: 25 }, (_, i) =>
        each(Math.min(n, i), `insert into t${i}(b) select 'b' || i from NUMBERS;`),
      ).join(""),
  },
  {
    name: "deep",
    schema:
      "create table deep(a integer primary key, b integer, c text); create index deep_b on deep(b); create index " +
      "deep_c on deep(c, b);",
    fill: (n) => each(n * 12, `insert into deep select i, i * 7919 % 10007, 'c' || (i % 100) from NUMBERS;`),
  },
  ...INDEX_FEATURES,
] as const satisfies readonly Feature[];

export type FeatureName = (typeof FEATURES)[number]["name"];
