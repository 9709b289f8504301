/**
 * Compares an index with its table by a merge of both instead of a look-up for each row. Together with a quick_check
 * that found nothing (the number of entries is that of the rows, and each rowid is there once) "same" proves what
 * integrity_check says of them; see "A merge instead of look-ups" in docs/decisions.md.
 */
import type Database from "better-sqlite3";
import { codeOf } from "../../../../worker/sqlite-error.ts";
import type { NotMerged } from "../../report.ts";
import type { Content } from "./content.ts";
import type { OrdinaryIndex } from "./index.ts";
import { type Instruction, mergeProgram, readsIndexInOrder } from "./program.ts";
import { readIndexPage } from "./record-form.ts";
import { differenceSql, duplicateSql, isBinary } from "./sql.ts";

/** Why they are not known to be the same, as the report has it. */
export type Comparison = "same" | Extract<NotMerged, "differs" | "unproved" | "no-room">;

/** Whether so many bytes can be sorted. */
export type HasRoom = (bytes: number) => boolean;

export function compare(db: Database.Database, index: OrdinaryIndex, content: Content, hasRoom: HasRoom): Comparison {
  try {
    return compared(db, index, content, hasRoom);
  } catch (error) {
    const code = codeOf(error);
    if (code === "") throw error;
    return code === "SQLITE_FULL" || code === "SQLITE_IOERR_WRITE" ? "no-room" : "unproved"; // ulimit -f: the latter
  }
}

function compared(db: Database.Database, index: OrdinaryIndex, content: Content, hasRoom: HasRoom): Comparison {
  const [difference, duplicate] = [differenceSql(index), duplicateSql(index)];
  const program = mergeProgram(explained(db, difference), index);
  if (program === null || (index.unique && !readsIndexInOrder(explained(db, duplicate), index))) return "unproved";
  const bytes = bytesOf(index, content, program.realFields);
  if (bytes === null) return "unproved";
  if (!hasRoom(bytes * (index.columns.every(isBinary) ? 1 : 2))) return "no-room"; // text is in each row twice then
  if (db.prepare(difference).get() !== undefined) return "differs";
  return index.unique && db.prepare(duplicate).get() !== undefined ? "differs" : "same";
}

interface ExplainedRow {
  readonly opcode: string;
  readonly p1: bigint;
  readonly p2: bigint;
  readonly p3: bigint;
}

function explained(db: Database.Database, sql: string): Instruction[] {
  return db
    .prepare<[], ExplainedRow>(`EXPLAIN ${sql}`)
    .all()
    .map(({ opcode, p1, p2, p3 }) => ({ opcode, p1: Number(p1), p2: Number(p2), p3: Number(p3) }));
}

/** Deeper than any tree with 2^32 pages. */
const MAX_DEPTH = 40;

/** The size of its pages; null where one of its records has another form. */
function bytesOf({ root, columns }: OrdinaryIndex, content: Content, realFields: readonly number[]): number | null {
  const { pageBytes, usableBytes, readPage } = content;
  const form = { fields: columns.length + 1, usableBytes, realFields };
  const page = Buffer.alloc(pageBytes);
  let pages = 0;
  const pending = [{ number: root, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { number, depth } = next;
    if (depth > MAX_DEPTH || pages === content.pages || !readPage(number, page)) return null;
    const read = readIndexPage(page, form);
    if (read === null) return null;
    pages++;
    for (const child of read.children) pending.push({ number: child, depth: depth + 1 });
  }
  return pages * pageBytes;
}
