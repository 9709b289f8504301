/**
 * The messages of integrity_check, parsed. Source: `pragma.c` (PragTyp_INTEGRITY_CHECK), `btree.c`
 * (sqlite3BtreeIntegrityCheck), `fts3.c`, `fts5_main.c`, `rtree.c` of SQLite 3.53. Pure.
 */
import type { Problem } from "./report.ts";

/** The tables and indexes of the schema, by root page and by name. */
export interface SchemaNames {
  readonly byRoot: ReadonlyMap<number, SchemaObject>;
  readonly indexes: ReadonlyMap<string, string>;
  readonly tables: ReadonlySet<string>;
}

export interface SchemaObject {
  readonly type: "table" | "index";
  readonly name: string;
  /** Of an index: its table. */
  readonly table: string;
}

export function namesOf(objects: readonly (SchemaObject & { readonly root: number })[]): SchemaNames {
  return {
    byRoot: new Map<number, SchemaObject>([
      [1, { type: "table", name: "sqlite_schema", table: "sqlite_schema" }],
      ...objects.map((object) => [object.root, object] as const),
    ]),
    indexes: new Map(objects.flatMap(({ type, name, table }) => (type === "index" ? [[name, table] as const] : []))),
    tables: new Set(objects.flatMap(({ type, name }) => (type === "table" ? [name] : []))),
  };
}

const BTREE = /^\*\*\* in database [^\n]* \*\*\*\n/;

/** The row is about b-trees, the list of free pages, or pages that are used twice or never. */
export function isOfPages(row: string): boolean {
  return BTREE.test(row);
}

/** The problems of one row: those of all b-trees come in one row, a line each. */
export function problemsOfRow(row: string, names: SchemaNames): Problem[] {
  if (BTREE.test(row))
    return row
      .replace(BTREE, "")
      .split("\n")
      .map((line) => btreeProblem(line, names));
  return [rowProblem(row, names)];
}

const NONE = { table: null, index: null, rowid: null, parent: null, page: null } as const;

function btreeProblem(line: string, names: SchemaNames): Problem {
  const [, root, page] = /^Tree (\d+) page (\d+)[: ]/.exec(line) ?? [];
  const [, named] = /(?:page |key=)(\d+)(?: |:|$)/i.exec(line.replace(/^Tree \d+ page \d+/, "")) ?? [];
  const object = root === undefined ? undefined : names.byRoot.get(Number(root));
  const onPage = page ?? named;
  return {
    ...NONE,
    check: "structure",
    message: line,
    table: object?.table ?? null,
    index: object?.type === "index" ? object.name : null,
    page: onPage === undefined ? null : Number(onPage),
  };
}

/** `row N` is the N-th of the table, not its rowid. */
const OF_INDEX = [
  /^wrong # of entries in index (?<index>.*)$/s,
  /^row \d+ missing from index (?<index>.*)$/s,
  /^row \d+ values differ from index (?<index>.*)$/s,
  /^rowid not at end-of-record for row \d+ of index (?<index>.*)$/s,
  /^non-unique entry in index (?<index>.*)$/s,
  /^index (?<index>.*) stores an imprecise floating-point value for row \d+$/s,
];

/** The number, from 1, of the row in its table that a message is about; null where it names none. Not its rowid. */
export function rowNumberOf(message: string): number | null {
  const [, missing, inIndex] =
    /^row (\d+) (?:missing from|values differ from) index |(?:for) row (\d+)(?: of index .*)?$/s.exec(message) ?? [];
  const text = missing ?? inIndex;
  return text === undefined ? null : Number(text);
}

const OF_TABLE = [/^row not in PRIMARY KEY order for (?<table>.*)$/s, /^CHECK constraint failed in (?<table>.*)$/s];

const OF_COLUMN = /^(?:NULL|NUMERIC|TEXT|non-\w+) value in (?<column>.*)$/s;

const OF_VIRTUAL_TABLE = [
  /^malformed inverted index for FTS\d table (?<name>.*)$/s,
  /^unable to validate the inverted index for FTS\d table (?<name>.*?): /s,
  /^fts5: [^"]* table "(?<name>.*)"$/s,
  /^fts5: missing row -?\d+ from content table (?<name>.*)$/s,
  /^In RTree (?<name>.*?):\n/s,
];

function rowProblem(row: string, names: SchemaNames): Problem {
  const message = oneLine(row);
  const index = firstGroup(OF_INDEX, row, "index");
  if (index !== null) return { ...NONE, check: "structure", message, index, table: names.indexes.get(index) ?? null };
  const table = firstGroup(OF_TABLE, row, "table");
  if (table !== null) return { ...NONE, check: "structure", message, table };
  const column = firstGroup([OF_COLUMN], row, "column");
  if (column !== null) return { ...NONE, check: "structure", message, table: tableOfColumn(column, names) };
  const virtual = firstGroup(OF_VIRTUAL_TABLE, row, "name");
  if (virtual !== null) return { ...NONE, check: "virtual-tables", message, table: virtual.replace(/^main\./, "") };
  return { ...NONE, check: "structure", message };
}

function firstGroup(patterns: readonly RegExp[], text: string, group: string): string | null {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.groups?.[group];
    if (found !== undefined) return found;
  }
  return null;
}

/** Both names may have dots in them, and a hostile one nothing but dots: the shortest table that it begins with. */
function tableOfColumn(name: string, { tables }: SchemaNames): string | null {
  let found: string | null = null;
  for (const table of tables)
    if (name[table.length] === "." && table.length < (found?.length ?? name.length) && name.startsWith(table))
      found = table;
  return found;
}

/** Names in a message may hold long runs of blanks: no pattern looks at each of them anew. */
export function oneLine(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
}
