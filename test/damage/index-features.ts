/** Tables and indexes on which a comparison of the two can go wrong. See features.ts. */
import type { Feature } from "./features.ts";
import { each } from "./numbers.ts";

const COLLATIONS = ["binary", "nocase", "rtrim"] as const;

/** Differs in case, in blanks at the end, in type and not at all, by `i`. */
const ALIKE =
  "case i % 11 when 0 then 'word ' || (i / 22) when 1 then 'WORD ' || (i / 22) when 2 then 'Word ' || (i / 22) || " +
  "' ' " +
  "when 3 then 'word ' || (i / 22) || '  ' when 4 then null when 5 then i when 6 then cast('word ' || i as blob) " +
  "when 7 then 'a' when 8 then 'A' when 9 then 'a ' else 'Ärger' || (i % 7) end";

/** No two of them are equal to any collation. */
const DIFFERENT = "case i % 3 when 0 then 'Key ' || i when 1 then 'kEY ' || i || 'x' else 'KEY ' || i || ' y' end";

/** Of equal look, or at the end of a range, by `i`. */
const NUMBERS = `case i % 23 when 0 then 1 when 1 then '1' when 2 then x'31' when 3 then 1.0
when 4 then 9007199254740992 when 5 then 9007199254740993 when 6 then 9007199254740992.0 when 7 then -0.0
when 8 then 0 when 9 then 0.0
when 10 then '' when 11 then x'' when 12 then null when 13 then 1e308 when 14 then 9e999 when 15 then -9e999
when 16 then 5e-324 when 17 then 9223372036854775807 when 18 then -9223372036854775808 when 19 then i
when 20 then i / 3.0 when 21 then 9223372036854775807.0 else ' 1' end`;

const AFFINITIES = ["none", "text", "integer", "real", "numeric", "blob"] as const;

const WIDE = Array.from({ length: 72 }, (_, i) => i);

export const INDEX_FEATURES = [
  {
    name: "collations",
    schema: [
      `create table col(id integer primary key, ${COLLATIONS.map((name) => `${name}_ collate ${name}`).join(", ")});`,
      ...COLLATIONS.flatMap((of) =>
        COLLATIONS.map((by) => `create index col_${of}_${by} on col(${of}_ collate ${by});`),
      ),
      "create index col_all on col(nocase_, rtrim_ desc, binary_ collate nocase);",
    ].join("\n"),
    fill: (n) => each(n, `insert into col select i, ${ALIKE}, ${ALIKE}, ${ALIKE} from NUMBERS;`),
  },
  {
    name: "unique",
    schema: `create table u(k text primary key, a text unique collate nocase, b, c text collate rtrim,
  n integer not null, unique (b, c), unique (n desc, k));
create unique index u_rtrim on u(k collate rtrim); create unique index u_desc on u(a collate nocase desc, n);
create unique index u_null on u(b, n, c); create index u_not on u(b);
create table u2(id int primary key, b text not null unique, c); create unique index u2_c on u2(c collate binary);
create table u3(id integer primary key desc, t text collate nocase);
create unique index u3_t on u3(t);`,
    fill: (n) =>
      each(
        n,
        `insert into u select ${DIFFERENT}, ${DIFFERENT}, case when i % 3 then i % 4 end,
${DIFFERENT}, i from NUMBERS;`,
      ) +
      each(n, `insert into u2 select i, ${DIFFERENT}, case when i % 2 then i end from NUMBERS;`) +
      each(n, `insert into u3 select i, case when i % 4 then ${DIFFERENT} end from NUMBERS;`),
  },
  {
    // Made UNIQUE by a damage, they are not.
    name: "nearly-unique",
    schema: `create table nu(a text collate nocase, b text collate rtrim, c, d real, e text);
create index nu_a on nu(a); create index nu_b on nu(b desc); create index nu_c on nu(c, a); create index nu_d on nu(d);
create index nu_binary on nu(a collate binary); create index nu_e on nu(e collate nocase);
create index nu_er on nu(e collate rtrim desc);`,
    fill: (n) =>
      each(
        n,
        "insert into nu select case i when 5 then 'KEY 4' when 6 then null else 'key ' || i end, case i when 7 then " +
          "'key 3  ' when 8 then null else 'key ' || i end, case when i % 5 then i - (i = 12) end, case i when 3 " +
          "then 2 when 4 then null else i end, case i when 2 then 'E1' when 3 then 'e4 ' else 'e' || i end " +
          "from NUMBERS;",
      ),
  },
  {
    name: "numbers",
    schema: `create table num(none_, text_ text, integer_ integer, real_ real, numeric_ numeric, blob_ blob, any_ any);
${AFFINITIES.map((name) => `create index num_${name} on num(${name}_);`).join("\n")}
create index num_reals on num(real_ desc, numeric_); create index num_all on num(any_, none_ desc, integer_, real_);
create index num_nocase on num(none_ collate nocase);`,
    fill: (n) =>
      each(
        n,
        `insert into num select ${NUMBERS}, ${NUMBERS}, ${NUMBERS}, ${NUMBERS}, ${NUMBERS}, ${NUMBERS}, ${NUMBERS} ` +
          "from NUMBERS;",
      ),
  },
  {
    name: "rowid-names",
    schema: `create table r1(rowid text, a); create index r1_rowid on r1(rowid); create index r1_a on r1(a);
create table r2(rowid, oid integer, b); create index r2_both on r2(oid, rowid); create index r2_b on r2(b);
create table r3(rowid, oid, _rowid_ text unique, c); create index r3_all on r3(_rowid_, oid, rowid);
create index r3_c on r3(c);
create table r4(a, oid integer primary key, ROWID real); create index r4_a on r4(a, oid);
create index r4_r on r4(rowid);
create table r5("_RowId_" integer primary key, rowid, x); create index r5_x on r5(x, _rowid_ desc, rowid);`,
    fill: (n) =>
      each(n, "insert into r1(rowid, a) select 'r' || (i % 9), i % 5 from NUMBERS;") +
      each(n, "insert into r2(rowid, oid, b) select i % 7, n.i * 10, 'b' || i from NUMBERS as n;") +
      each(n, "insert into r3(rowid, oid, _rowid_, c) select -i, i % 3, 'u' || i, i % 4 from NUMBERS;") +
      each(n, "insert into r4(a, oid, rowid) select i % 6, i * 2, i / 2.0 from NUMBERS;") +
      each(n, "insert into r5(_rowid_, rowid, x) select i * 3, 'y' || i, i % 5 from NUMBERS;"),
  },
  {
    // Whoever asks for the rowid gets a column, which the index has.
    name: "hidden-rowid",
    schema: `create table hr1(a, rowid text); create index hr1_both on hr1(rowid, a);
create table hr2(rowid integer, oid, _rowid_); create index hr2_all on hr2(oid, rowid, _rowid_);`,
    fill: (n) =>
      each(n, "insert into hr1(rowid, a) select 'R' || (i % 7), i % 5 from NUMBERS;") +
      each(n, "insert into hr2(rowid, oid, _rowid_) select i % 4, i % 3, 'x' || (i % 2) || ' ' from NUMBERS;"),
  },
  {
    name: "odd-columns",
    schema: `create table oc("a""b", "c'd", "e]f" text collate nocase, "select" integer, "" real, "g.h",
  "rowid ", "x; y--");
create index oc_1 on oc("a""b", "c'd" desc); create index oc_2 on oc("e]f", "select"); create index oc_3 on oc("");
create index "oc ""4""" on oc("g.h" collate rtrim, "rowid "); create index "oc'5" on oc("x; y--");`,
    fill: (n) =>
      each(
        n,
        "insert into oc select 'a' || (i % 5), i, 'E' || (i % 8), i * 5 % 13, i / 4.0, 'g' || (i % 3) || ' ', i, " +
          "x'00' from NUMBERS;",
      ),
  },
  {
    name: "rowid-in-index",
    schema: `create table ri(id integer primary key, a, b text collate nocase);
create index ri_id on ri(id); create index ri_desc on ri(id desc); create index ri_a on ri(a, id);
create index ri_ia on ri(id, a); create unique index ri_u on ri(b, id desc);
create index ri_twice on ri(a, a); create index ri_other on ri(b, b collate binary, b collate rtrim desc);
create index ri_mixed on ri(a desc, b, a);`,
    fill: (n) => each(n, `insert into ri select i * 7 - 20, i % 6, ${ALIKE} from NUMBERS;`),
  },
  {
    name: "wide",
    schema: `create table wide(${WIDE.map((i) => `c${i}${i % 9 === 4 ? " text collate nocase" : ""}`).join(", ")});
create index wide_many on wide(${WIDE.slice(0, 66)
      .map((i) => `c${71 - i}${i % 5 === 0 ? " desc" : ""}`)
      .join(", ")});
create index wide_last on wide(c71, c70); create index wide_first on wide(c0, c64);`,
    fill: (n) =>
      each(
        Math.min(n, 30),
        `insert into wide select ${WIDE.map((i) => (i % 9 === 4 ? "'Text ' || (i % 4)" : `i % ${i + 1}`)).join(", ")}
from NUMBERS;`,
      ),
  },
  {
    // Rows that are shorter than their table; columns that are gone.
    name: "grown",
    schema: `create table gr(a, gone, b text);`,
    fill: (n) =>
      each(n, "insert into gr select i % 5, i, 'b' || i from NUMBERS;") +
      `alter table gr add column c integer not null default 5;
alter table gr add column d text default 'Default ' collate nocase;
alter table gr add column e real default 2; alter table gr add column f; alter table gr add column g default x'61';
alter table gr add column h numeric default '12'; alter table gr add column v as (c || d) virtual;
alter table gr drop column gone;` +
      each(
        Math.ceil(n / 3),
        "insert into gr(a, b, c, d, e, f, g) select i, 'new', i, 'default', i, i, i from NUMBERS;",
      ) +
      `create index gr_c on gr(c); create index gr_d on gr(d, e); create index gr_e on gr(e desc);
create index gr_f on gr(f, g);
create index gr_h on gr(h, a); create index gr_v on gr(v collate rtrim); create index gr_r on gr(d collate rtrim);`,
  },
  {
    name: "computed",
    schema: `create table cg(v1 integer as (a + 1) virtual, a integer, s1 text as (b || ' ') stored, b text
  collate nocase, v2 text collate nocase as (lower(b)) virtual, c real, v3 real as (c * 2),
  s2 as (a) stored not null, d default 1,
  v4 integer as (v1 * 2) unique);
create index cg_v1 on cg(v1); create index cg_s1 on cg(s1 collate rtrim, b); create index cg_v2 on cg(v2 desc, v3);
create index cg_s2 on cg(s2, d); create unique index cg_u on cg(v4, v1, a); create index cg_c on cg(c);`,
    fill: (n) => each(n, "insert into cg(a, b, c) select i, 'B' || (i % 6), i / 2.0 from NUMBERS;"),
  },
  {
    name: "texts",
    schema: `create table tx(id integer primary key, t text, n text collate nocase, r text collate rtrim, b blob);
create index tx_t on tx(t); create index tx_n on tx(n, t); create index tx_r on tx(r); create index tx_b on tx(b, r);
create index tx_nr on tx(t collate nocase, n collate rtrim desc);`,
    fill: (n) => {
      const odd =
        "case i % 13 when 0 then cast(x'80ff' as text) when 1 then cast(x'610062' as text) when 2 then 'a' || " +
        "char(0) || i when 3 then cast(x'00d8' as text) when 4 then cast(x'dc41' as text) when 5 then " +
        "cast(x'6100620063' as text) when 6 then cast(x'eda080' as text) when 7 then char(0x10ffff, i) " +
        "when 8 then 'Straße' when 9 then " +
        "'straSSe' when 10 then cast(x'ff' as text) when 11 then char(0) else 'a' || char(0) || i || ' ' end";
      return each(n, `insert into tx select i, ${odd}, ${odd}, ${odd}, cast(${odd} as blob) from NUMBERS;`);
    },
  },
  {
    // Differ at the beginning, or only at the end.
    name: "long-keys",
    schema: `create table lk(a text collate nocase, b blob, c text); create index lk_a on lk(a);
create index lk_b on lk(b, c desc);
create index lk_c on lk(c collate rtrim, a);`,
    fill: (n) =>
      each(
        Math.min(n, 40),
        "insert into lk select substr(replace(hex(zeroblob(1200)), '00', 'Long '), 1, 300 + i * 97 % 4000) || i, " +
          "zeroblob(i * 131 % 3000) || x'01', case i % 2 when 0 then 'c' else " +
          "replace(hex(zeroblob(400)), '00', 'key') end || i || '  ' from NUMBERS;",
      ),
  },
  {
    name: "more-without-rowid",
    schema: `create table wr(a text collate nocase, b text collate rtrim, c integer, d real, primary key (a desc, c))
  without rowid;
create index wr_b on wr(b); create index wr_d on wr(d desc, a collate binary); create unique index wr_u on wr(c, b);
create table ws(k any primary key, v text not null) strict, without rowid; create index ws_v on ws(v, k);`,
    fill: (n) =>
      each(n, "insert into wr select 'Key ' || (i % 6), 'b' || (i % 4) || ' ', i, i / 2.0 from NUMBERS;") +
      each(n, "insert into ws select case i % 2 when 0 then i else 'k' || i end, 'v' || (i % 5) from NUMBERS;"),
  },
  {
    name: "strict-indexes",
    schema: `create table si(i int, t text collate nocase, r real, b blob, x any) strict;
create index si_i on si(i desc); create index si_t on si(t, r);
create index si_r on si(r); create index si_x on si(x, b);`,
    fill: (n) => each(n, `insert into si select i % 7, 'T' || (i % 5), i / 3.0, x'61', ${NUMBERS} from NUMBERS;`),
  },
  {
    name: "mixed-with-partial",
    schema: `create table mp(a integer, b text collate nocase, c);
create index mp_a on mp(a); create index mp_b on mp(b);
create unique index mp_some on mp(c) where c > 3; create index mp_lower on mp(lower(b), a);
create index mp_c on mp(c) where a is not null;`,
    fill: (n) => each(n, "insert into mp select nullif(i % 4, 2), 'B' || (i % 5), i from NUMBERS;"),
  },
] as const satisfies readonly Feature[];
