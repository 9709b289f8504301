/** Damage that leaves every page well formed: what is in them is wrong. Done by SQLite itself, with its guards off. */
import type { Database } from "better-sqlite3";
import type { FeatureName } from "./features.ts";
import type { Random } from "./random.ts";

export interface SqlDamage {
  readonly name: string;
  /** What the database must have for it. */
  readonly needs?: FeatureName;
  /**
   * `database` has writable_schema on and foreign keys off; what it changes in sqlite_schema counts once it is opened
   * again.
   */
  readonly apply: (database: Database, random: Random) => void;
}

interface Entry {
  readonly type: string;
  readonly name: string;
  readonly table: string;
  readonly root: number;
  readonly sql: string | null;
}

function entries(database: Database, where: string): Entry[] {
  const rows = database
    .prepare(
      `select type, name, tbl_name as "table", rootpage as root, sql from sqlite_schema where ${where} order by rowid`,
    )
    .all();
  return rows as Entry[];
}

/** Tables that rows can be added to and removed from without a virtual table's knowing. */
const ORDINARY = "type = 'table' and rootpage > 1 and name not like 'sqlite_%'";

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Makes SQLite read the schema again. */
function reload(database: Database): void {
  database.pragma(`schema_version = ${Number(database.pragma("schema_version", { simple: true })) + 1}`);
  database.exec("select 1");
}

/** Does something to a table while SQLite does not know of one of its indexes. */
function behindAnIndex(database: Database, random: Random, act: (table: string) => void): void {
  const indexes = entries(database, "type = 'index' and sql is not null");
  if (indexes.length === 0) return;
  const index = random.pick(indexes);
  const row = database.prepare("select rowid, * from sqlite_schema where name = ? and type = 'index'").get(index.name);
  database.prepare("delete from sqlite_schema where name = ? and type = 'index'").run(index.name);
  reload(database);
  try {
    act(index.table);
  } finally {
    database
      .prepare(
        "insert into sqlite_schema(rowid, type, name, tbl_name, rootpage, sql) values (@rowid, @type, @name, " +
          "@tbl_name, @rootpage, @sql)",
      )
      .run(row);
    reload(database);
  }
}

/** What SQLite refuses (a constraint, say) is a damage that was not done: one of the cases, too. */
function attempt(database: Database, sql: string): void {
  try {
    database.exec(sql);
  } catch (error) {
    if (!(error instanceof Error && error.name === "SqliteError")) throw error;
  }
}

function onSomeTable(where: string, act: (table: string, random: Random) => string): SqlDamage["apply"] {
  return (database, random) => {
    const tables = entries(database, `${ORDINARY} and ${where}`);
    if (tables.length > 0) attempt(database, act(quoted(random.pick(tables).name), random));
  };
}

/** Those that an insert may name and that are no key. */
function columnsOf(database: Database, table: string): string[] {
  return database
    .prepare<[string], string>("select name from pragma_table_xinfo(?) where hidden = 0 and pk = 0")
    .pluck()
    .all(table);
}

/** Gives the roots of one kind of tree to each other. */
function swapRoots(kind: string): SqlDamage["apply"] {
  return (database, random) => {
    const some = entries(database, `type = '${kind}' and rootpage > 1`);
    if (some.length < 2) return;
    const [a, b] = [random.pick(some), random.pick(some)];
    const set = database.prepare("update sqlite_schema set rootpage = ? where name = ? and type = ?");
    set.run(b.root, a.name, a.type);
    set.run(a.root, b.name, b.type);
  };
}

function changeSql(change: (sql: string, random: Random) => string): SqlDamage["apply"] {
  return (database, random) => {
    const some = entries(database, "sql is not null").filter(({ sql }) => change(sql ?? "", random) !== sql);
    if (some.length === 0) return;
    const { name, type, sql } = random.pick(some);
    database
      .prepare("update sqlite_schema set sql = ? where name = ? and type = ?")
      .run(change(sql ?? "", random), name, type);
  };
}

export const SQL_DAMAGES: readonly SqlDamage[] = [
  {
    name: "rows-missing-from-index",
    apply: (database, random) =>
      behindAnIndex(database, random, (table) => {
        const columns = columnsOf(database, table).map(quoted).join(", ");
        attempt(
          database,
          `insert or ignore into ${quoted(table)}(${columns}) select ${columns} from ${quoted(table)} limit 2`,
        );
      }),
  },
  {
    name: "rows-left-in-index",
    apply: (database, random) =>
      behindAnIndex(database, random, (table) =>
        attempt(database, `delete from ${quoted(table)} ${random.pick(["", "limit 2"])}`),
      ),
  },
  {
    name: "other-values-in-index",
    apply: (database, random) =>
      behindAnIndex(database, random, (table) => {
        const columns = columnsOf(database, table).map((column) => `${quoted(column)} = ${quoted(column)} || 'x'`);
        if (columns.length > 0) attempt(database, `update or ignore ${quoted(table)} set ${random.pick(columns)}`);
      }),
  },
  { name: "swapped-index-roots", apply: swapRoots("index") },
  { name: "swapped-table-roots", apply: swapRoots("table") },
  {
    name: "table-root-for-index",
    apply: (database, random) => {
      const [tables, indexes] = [
        entries(database, "type = 'table' and rootpage > 1"),
        entries(database, "type = 'index'"),
      ];
      if (tables.length === 0 || indexes.length === 0) return;
      database
        .prepare("update sqlite_schema set rootpage = ? where name = ?")
        .run(random.pick(tables).root, random.pick(indexes).name);
    },
  },
  {
    name: "root-out-of-range",
    apply: (database, random) => {
      const some = entries(database, "rootpage > 1");
      if (some.length === 0) return;
      database
        .prepare("update sqlite_schema set rootpage = ? where name = ?")
        .run(random.pick([0, 1, 2, 100000, -1, 0x7fffffff]), random.pick(some).name);
    },
  },
  {
    name: "entry-of-the-schema-missing",
    apply: (database, random) => {
      const some = entries(database, "rootpage > 1");
      if (some.length > 0) database.prepare("delete from sqlite_schema where name = ?").run(random.pick(some).name);
    },
  },
  { name: "schema-not-sql", apply: changeSql((sql, random) => sql.slice(0, random.int(0, sql.length - 1))) },
  {
    name: "index-with-other-where",
    needs: "partial-and-expression",
    apply: changeSql((sql) => sql.replace(/ where .*$/i, " where 0")),
  },
  {
    name: "index-no-longer-partial",
    needs: "partial-and-expression",
    apply: changeSql((sql) => sql.replace(/^(create (?:unique )?index .*) where .*$/i, "$1")),
  },
  { name: "index-now-descending", apply: changeSql((sql) => sql.replace(/^(create index .*)\)$/i, "$1 desc)")) },
  {
    name: "index-now-unique",
    needs: "nearly-unique",
    apply: changeSql((sql) => sql.replace(/^create index/i, "create unique index")),
  },
  {
    name: "other-expression",
    needs: "generated",
    apply: changeSql((sql) =>
      sql.replace("a * 2", "a * 3").replace("length(doc)", "length(doc) + 1").replace("upper(b)", "lower(b)"),
    ),
  },
  {
    name: "other-collation",
    needs: "plain",
    apply: changeSql((sql) => sql.replace("collate nocase", "collate rtrim")),
  },
  {
    name: "index-with-other-collation",
    apply: changeSql((sql, random) =>
      sql.replace(/^(create (?:unique )?index .* on [^(]*\([^,)]*?)( collate \w+)?( desc)?([,)])/is, (...found) => {
        const [, before, , desc = "", after] = found.map((part: unknown) => part as string | undefined);
        return `${before} collate ${random.pick(["binary", "nocase", "rtrim"])}${desc}${after}`;
      }),
    ),
  },
  {
    name: "column-with-other-collation",
    apply: changeSql((sql, random) =>
      /^create table/i.test(sql)
        ? sql.replace(/ collate (?:binary|nocase|rtrim)/i, ` collate ${random.pick(["binary", "nocase", "rtrim"])}`)
        : sql,
    ),
  },
  {
    name: "column-with-other-type",
    apply: changeSql((sql, random) =>
      /^create table/i.test(sql)
        ? sql.replace(
            / (?:text|integer|real|numeric)\b(?! primary)/i,
            random.pick([" real", " integer", " blob", " numeric"]),
          )
        : sql,
    ),
  },
  {
    name: "other-default",
    needs: "grown",
    apply: changeSql((sql, random) =>
      sql.replace(
        / default (?:5|'Default '|2|x'61'|'12')/,
        ` default ${random.pick(["6", "'default'", "2.0", "null"])}`,
      ),
    ),
  },
  {
    name: "unknown-collation",
    needs: "plain",
    apply: changeSql((sql) => sql.replace("collate nocase", "collate unheard_of")),
  },
  {
    name: "unknown-function",
    needs: "partial-and-expression",
    apply: changeSql((sql) => sql.replace("upper(b)", "unheard_of(b)").replace("length(doc)", "unheard_of(doc)")),
  },
  {
    name: "now-not-null",
    needs: "foreign-keys",
    apply: changeSql((sql) =>
      sql.replace("up integer", "up integer not null").replace("n integer", "n integer not null"),
    ),
  },
  {
    name: "now-strict",
    needs: "plain",
    apply: changeSql((sql) => sql.replace(/^(create table .* real,.*)$/i, "$1 strict")),
  },
  {
    name: "now-checked",
    needs: "plain",
    apply: changeSql((sql) =>
      sql
        .replace("check (a < 1000000)", "check (a < 10)")
        .replace("name text not null", "name text not null check (length(name) < 8)"),
    ),
  },
  {
    name: "parent-missing",
    needs: "foreign-keys",
    apply: (database) =>
      attempt(
        database,
        "delete from parent where id % 4 = 1; insert into child(parent_id, a, b) values (99999, 1, -1); insert " +
          "into leaf values ('lost', 88888);",
      ),
  },
  { name: "parent-table-missing", needs: "foreign-keys", apply: (database) => attempt(database, "drop table parent") },
  {
    name: "parent-not-unique",
    needs: "foreign-keys",
    apply: changeSql((sql) => sql.replace("text not null unique, a, b, unique (a, b)", "text, a, b")),
  },
  {
    name: "parent-column-missing",
    needs: "foreign-keys",
    apply: changeSql((sql) => sql.replace("references parent(code)", "references parent(unheard_of)")),
  },
  {
    name: "full-text-rows-missing",
    needs: "fts5",
    apply: onSomeTable("name like '%\\_content' escape '\\'", (table) => `delete from ${table} where rowid % 3 = 1`),
  },
  {
    name: "full-text-sizes-missing",
    needs: "fts5",
    apply: onSomeTable("name like '%\\_docsize' escape '\\'", (table) => `delete from ${table} where rowid % 3 = 1`),
  },
  {
    name: "full-text-index-changed",
    needs: "fts5",
    apply: onSomeTable("name like '%\\_data' escape '\\'", (table, random) =>
      random.oneIn(2)
        ? `delete from ${table} where rowid > 10`
        : `update ${table} set block = zeroblob(length(block)) where rowid > 10`,
    ),
  },
  {
    name: "full-text-source-changed",
    needs: "fts5",
    apply: (database) => attempt(database, "update articles set body = body || ' more' where id % 5 = 1"),
  },
  {
    name: "fts4-index-changed",
    needs: "fts4",
    apply: (database) =>
      attempt(
        database,
        "update mails_segdir set root = zeroblob(length(root)); delete from mails_segments where rowid % 2 = 1;",
      ),
  },
  {
    name: "rtree-node-changed",
    needs: "rtree",
    apply: (database, random) =>
      attempt(
        database,
        random.pick([
          "update places_node set data = zeroblob(length(data)) where nodeno % 2 = 1",
          "delete from places_rowid where rowid % 3 = 1",
          "update places_node set data = substr(data, 1, 20)",
          "delete from places_parent",
        ]),
      ),
  },
  {
    name: "module-missing",
    apply: (database) =>
      database.exec(
        "insert into sqlite_schema(type, name, tbl_name, rootpage, sql) values ('table', 'far', 'far', 0, " +
          "'create virtual table far using unheard_of(a)')",
      ),
  },
];
