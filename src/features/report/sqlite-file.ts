/**
 * `report --sqlite OUT`: the recording as a database. It is filled in one transaction under another name, without a
 * journal that could be left beside it.
 */
import { lstatSync } from "node:fs";
import type { Database, Statement } from "better-sqlite3";
import { UserError } from "../../errors.ts";
import { readBytes } from "../../observe/open-file.ts";
import { Cells } from "../../recording/export/cells.ts";
import type { Put } from "../../recording/export/ids.ts";
import { rowsOf } from "../../recording/export/rows.ts";
import { endRows, runRow } from "../../recording/export/state-rows.ts";
import { columnsOf, type Row, TABLE_NAMES, type TableName, tableSql } from "../../recording/export/tables.ts";
import { INDEXES, JOIN_BLOCKERS, VIEW_NAMES, viewSql } from "../../recording/export/views.ts";
import { WallTexts } from "../../recording/export/wall-texts.ts";
import { Zone } from "../../recording/history/zone.ts";
import { COMPANIONS } from "../../sqlite/roles.ts";
import { escapeText } from "../../text/escape.ts";
import { shellQuoted } from "../../text/shell.ts";
import type { ReportInput, ReportOutput } from "./input.ts";
import { NewFile } from "./new-file.ts";

/** In the header of the file: `sqlk`. Only such a database is replaced. */
const APPLICATION_ID = 0x73716c6b;
const APPLICATION_ID_AT = 68;
/** Of the tables: it counts changes that break a query. */
const USER_VERSION = 1;

const CACHE_KIB = 64 * 1024;

/** @throws UserError */
export async function writeSqlite(input: ReportInput, output: ReportOutput): Promise<void> {
  const file = new NewFile("--sqlite", output, input, isReport);
  try {
    refuseCompanions(file.path, output.path);
    await fill(file, input);
    file.putInPlace();
  } finally {
    file.discard();
  }
}

async function fill(file: NewFile, { facts, span, read }: ReportInput): Promise<void> {
  const { default: Sqlite } = await import("better-sqlite3");
  const { keepNatives } = await import("../../worker/keep-natives.ts");
  keepNatives();
  const db = file.as(() => opened(new Sqlite(file.temporary)));
  try {
    const zone = new Zone(facts.clock.zone);
    const wall = new WallTexts(facts.clock.toUtcMs, (utcMs) => zone.offsetMs(utcMs));
    const cells = new Cells(facts, wall, rowWriter(db));
    for (const run of facts.runs) if (run.toMs >= span.fromMs && run.fromMs <= span.toMs) runRow(run, cells);
    const result = await read((line) => rowsOf(line, cells));
    endRows(result.facts, result.summary, cells);
    for (const sql of [...INDEXES, JOIN_BLOCKERS]) db.exec(sql);
    for (const name of VIEW_NAMES) db.exec(viewSql(name));
    file.as(() => db.exec("COMMIT"));
  } catch (error) {
    throw file.failure(error);
  } finally {
    file.as(() => db.close());
  }
}

/** A transaction has begun: from now on no file is opened. */
function opened(db: Database): Database {
  // OFF is not allowed by better-sqlite3; pages that were not there before are in no journal
  for (const pragma of [
    "journal_mode = MEMORY",
    "synchronous = OFF",
    "locking_mode = EXCLUSIVE",
    "temp_store = MEMORY",
  ])
    db.pragma(pragma);
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma("foreign_keys = OFF"); // rows come in the order of the recording
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${USER_VERSION}`);
  db.exec("BEGIN EXCLUSIVE");
  for (const name of TABLE_NAMES) db.exec(tableSql(name));
  return db;
}

function rowWriter(db: Database): Put {
  const statements = new Map<TableName, { readonly columns: readonly string[]; readonly insert: Statement }>();
  for (const name of TABLE_NAMES) {
    const columns = columnsOf(name);
    const insert = db.prepare(`INSERT OR REPLACE INTO ${name} VALUES (${columns.map(() => "?").join(", ")})`);
    statements.set(name, { columns, insert });
  }
  return <Name extends TableName>(table: Name, row: Row<Name>) => {
    const { columns = [], insert } = statements.get(table) ?? {};
    insert?.run(columns.map((column) => row[column as keyof Row<Name>]));
  };
}

function isReport(path: string): boolean {
  const bytes = readBytes(path, APPLICATION_ID_AT, 4);
  return bytes.kind === "ok" && Buffer.from(bytes.value).toString("hex") === APPLICATION_ID.toString(16);
}

/** SQLite would take them for those of the new database. */
function refuseCompanions(path: string, given: string): void {
  const companion = COMPANIONS.map(({ suffix }) => path + suffix).find(
    (each) => lstatSync(each, { throwIfNoEntry: false }) !== undefined,
  );
  if (companion !== undefined)
    throw new UserError(
      "file-exists",
      `--sqlite ${escapeText(given)} cannot be made: ${escapeText(companion)} is there, of another database`,
      `give another name, or close that database; sqlock who-holds ${shellQuoted(path)} shows who has it open`,
    );
}
