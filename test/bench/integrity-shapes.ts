/**
 * Databases of several shapes: where a comparison of table and index should win, and where it could lose. The content
 * depends on the size alone. Indexes come before the rows: their pages lie among those of the tables, as in a database
 * that has grown.
 */
import Database from "better-sqlite3";
import { makeLargeDatabase } from "./large-database.ts";

export interface Shape {
  readonly name: string;
  readonly work: string;
  /** Of the size that is asked for. */
  readonly share: number;
  readonly make: (path: string, bytes: number) => void;
}

/** Scattered: of `i`, 8 digits. */
const HASH = "printf('%08x', i * 2654435761 & 4294967295)";
const TEXT = "'The quick brown fox jumps over the lazy dog and back again, as often as it is told to. '";

/** `length` characters, 87 * 128 at most. */
function filler(length: string): string {
  return `substr(replace(hex(zeroblob(64)), '0', ${TEXT}), 1, ${length})`;
}

function columns(count: number, type: string, from = 0): string {
  return Array.from({ length: count }, (_, i) => `c${from + i} ${type}`).join(", ");
}

/** `insert` has `from NUMBERS`, of `i`; it is repeated until the database has the size. */
function filled(schema: string, insert: string, rowsAtOnce: number): Shape["make"] {
  return (path, bytes) =>
    building(path, (database) => {
      database.exec(schema);
      for (let first = 1; sizeOf(database) < bytes; first += rowsAtOnce)
        database.exec(numbered(insert, first, first + rowsAtOnce - 1));
    });
}

function building(path: string, act: (database: InstanceType<typeof Database>) => void): void {
  const database = new Database(path);
  try {
    database.exec(`pragma page_size=4096; pragma journal_mode=off; pragma synchronous=off; pragma cache_size=-1500000;
      pragma foreign_keys=off; begin`);
    act(database);
    database.exec("commit");
  } finally {
    database.close();
  }
}

function numbered(insert: string, first: number, last: number): string {
  return insert.replaceAll(
    "from NUMBERS",
    `from (with recursive n(i) as (select ${first} union all select i + 1 from n where i < ${last}) select i from n)`,
  );
}

function sizeOf(database: InstanceType<typeof Database>): number {
  return (
    Number(database.pragma("page_count", { simple: true })) * Number(database.pragma("page_size", { simple: true }))
  );
}

const TABLES = 200;
const ROWS_PER_TABLE = 5000;

/** Of one size only: 200 tables of 5,000 rows. */
function manyTables(path: string): void {
  building(path, (database) => {
    for (let table = 0; table < TABLES; table++) {
      database.exec(`create table t${table}(id integer primary key, a text, b integer, c text);
        create index t${table}_a on t${table}(a); create index t${table}_b on t${table}(b, a);`);
      database.exec(
        numbered(
          `insert into t${table} select i, ${HASH}, i * 7919 % 10007, ${filler("60 + i % 90")} from NUMBERS;`,
          1,
          ROWS_PER_TABLE,
        ),
      );
    }
  });
}

export const SHAPES: readonly Shape[] = [
  {
    name: "three-indexes",
    work: "three indexes: UNIQUE, NOCASE, integer",
    share: 1,
    make: filled(
      `create table people(id integer primary key, code text not null, name text collate nocase, born integer, note);
      create unique index people_code on people(code); create index people_name on people(name);
      create index people_born on people(born);`,
      `insert into people select i, ${HASH} || '-' || i, 'Name ' || (i * 40503 % 1000003), i * 7919 % 40000000,
        ${filler("60 + i % 200")} from NUMBERS;`,
      50_000,
    ),
  },
  { name: "shop", work: "a shop: five tables, ten indexes, foreign keys", share: 1, make: makeLargeDatabase },
  {
    name: "blobs",
    work: "ten small indexes behind large blobs",
    share: 0.3,
    make: filled(
      `create table files(id integer primary key, data blob, ${columns(10, "integer")});
      ${Array.from({ length: 10 }, (_, i) => `create index files_${i} on files(c${i});`).join(" ")}`,
      `insert into files select i, zeroblob(3000 + i % 5000),
        ${Array.from({ length: 10 }, (_, i) => `i * ${7919 + i} % 100003`).join(", ")} from NUMBERS;`,
      2000,
    ),
  },
  {
    name: "monotonic",
    work: "an index on a column that grows with the rowid",
    share: 0.3,
    make: filled(
      `create table events(id integer primary key, at integer not null, kind text, data text);
      create index events_at on events(at);`,
      `insert into events select i, 1500000000 + i, 'kind ' || (i % 7), ${filler("40 + i % 80")} from NUMBERS;`,
      50_000,
    ),
  },
  {
    name: "wide",
    work: "100 columns, three indexes on the last ones",
    share: 0.3,
    make: filled(
      `create table wide(id integer primary key, ${columns(97, "integer")}, x text, y text, z real);
      create index wide_x on wide(x); create index wide_y on wide(y, c96); create index wide_z on wide(z);`,
      `insert into wide select i, ${Array.from({ length: 97 }, (_, i) => `i * ${i + 3} % 1000`).join(", ")},
        ${HASH}, 'y' || (i % 1000), i * 7919 % 100003 / 7.0 from NUMBERS;`,
      10_000,
    ),
  },
  {
    name: "without-rowid",
    work: "WITHOUT ROWID, with an index",
    share: 0.3,
    make: filled(
      `create table w(k text primary key, a integer, b text) without rowid; create index w_a on w(a);`,
      `insert into w select ${HASH} || i, i * 7919 % 1000003, ${filler("60 + i % 90")} from NUMBERS;`,
      50_000,
    ),
  },
  {
    name: "long-keys",
    work: "keys of 300 to 900 characters",
    share: 0.3,
    make: filled(
      `create table pages(id integer primary key, url text, n integer); create index pages_url on pages(url);`,
      `insert into pages select i, ${HASH} || ${filler("300 + i % 600")}, i from NUMBERS;`,
      10_000,
    ),
  },
  {
    name: "one-index",
    work: "one index",
    share: 0.3,
    make: filled(
      `create table one(id integer primary key, a text, b text); create index one_a on one(a);`,
      `insert into one select i, ${HASH}, ${filler("100 + i % 100")} from NUMBERS;`,
      50_000,
    ),
  },
  {
    name: "no-index",
    work: "no index",
    share: 0.3,
    make: filled(
      `create table plain(id integer primary key, a text, b integer, c real);`,
      `insert into plain select i, ${filler("100 + i % 100")}, i, i / 3.0 from NUMBERS;`,
      50_000,
    ),
  },
  {
    name: "partial",
    work: "a partial index, one on an expression, and two ordinary ones",
    share: 0.3,
    make: filled(
      `create table p(id integer primary key, kind integer, a text, b integer, note text);
      create index p_a on p(a); create index p_b on p(b); create index p_some on p(b) where kind = 1;
      create index p_lower on p(lower(a));`,
      `insert into p select i, i % 3, 'A' || ${HASH}, i * 7919 % 1000003, ${filler("60 + i % 90")} from NUMBERS;`,
      50_000,
    ),
  },
  { name: "many-tables", work: `${TABLES} tables of ${ROWS_PER_TABLE} rows`, share: 0.3, make: manyTables },
  {
    name: "foreign-keys",
    work: "two foreign keys, with indexes",
    share: 0.3,
    make: filled(
      `create table parent(id integer primary key, code text unique);
      create table child(id integer primary key, parent_id integer references parent(id),
        code text references parent(code), note text);
      create index child_parent on child(parent_id); create index child_code on child(code);`,
      `insert into parent select i, ${HASH} || i from NUMBERS where i % 10 = 0;
      insert into child select i, i / 10 * 10, (select p.code from parent p where p.id = max(10, i / 10 * 10)),
        ${filler("60 + i % 90")} from NUMBERS where i >= 10;`,
      50_000,
    ),
  },
];
