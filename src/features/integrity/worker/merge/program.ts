/**
 * Whether SQLite's program for a merge does what it is to prove: it reads the index in its own order, field by field,
 * and sorts it nowhere. Pure. Source: https://www.sqlite.org/opcode.html, `select.c` (multiSelectByMerge)
 */
import type { OrdinaryIndex } from "./index.ts";

/** A row of EXPLAIN. */
export interface Instruction {
  readonly opcode: string;
  readonly p1: number;
  readonly p2: number;
  readonly p3: number;
}

/** What a reading of the index may consist of. A seek that is deferred moves no cursor until a column is read by it. */
const READS_INDEX: ReadonlySet<string> = new Set([
  "InitCoroutine",
  "Explain",
  "Noop",
  "OpenRead",
  "ColumnsUsed",
  "Rewind",
  "DeferredSeek",
  "IfNullRow",
  "Column",
  "RealAffinity",
  "IdxRowid",
  "Yield",
  "Next",
  "EndCoroutine",
]);

const SORTS: ReadonlySet<string> = new Set(["SorterOpen", "OpenEphemeral", "OpenAutoindex", "OpenDup"]);

/** The fields of the index that are read as reals: their integers may have been rounded. */
export interface MergeProgram {
  readonly realFields: readonly number[];
}

/** Null: it is another program, which proves nothing. */
export function mergeProgram(program: readonly Instruction[], index: OrdinaryIndex): MergeProgram | null {
  const [table, entries, ...others] = coroutinesOf(program);
  if (table === undefined || entries === undefined || others.length > 0) return null;
  const outside = program.filter((each) => !table.includes(each) && !entries.includes(each));
  if (outside.some(({ opcode }) => SORTS.has(opcode) || opcode === "OpenRead")) return null;
  if (!onlyOpens(table, index.tableRoot)) return null;
  return readingOf(entries, index);
}

/** From each InitCoroutine to its EndCoroutine. */
function coroutinesOf(program: readonly Instruction[]): (readonly Instruction[])[] {
  const found: Instruction[][] = [];
  let current: Instruction[] | null = null;
  for (const each of program) {
    if (each.opcode === "InitCoroutine") {
      current = [];
      found.push(current);
    }
    current?.push(each);
    if (each.opcode === "EndCoroutine") current = null;
  }
  return found;
}

function onlyOpens(program: readonly Instruction[], root: number): boolean {
  const opened = program.filter(({ opcode }) => opcode === "OpenRead");
  return opened.length > 0 && opened.every(({ p2, p3 }) => p2 === root && p3 === 0);
}

/** Every field of a record, from the index itself, and the rowid at its end. */
function readingOf(program: readonly Instruction[], { root, tableRoot, columns }: OrdinaryIndex): MergeProgram | null {
  if (!program.every(({ opcode }) => READS_INDEX.has(opcode))) return null;
  const opened = program.filter(({ opcode }) => opcode === "OpenRead");
  if (opened.some(({ p2, p3 }) => p3 !== 0 || (p2 !== root && p2 !== tableRoot))) return null;
  const [cursor, ...more] = opened.filter(({ p2 }) => p2 === root).map(({ p1 }) => p1);
  if (cursor === undefined || more.length > 0) return null;
  const reads = program.filter(({ opcode }) => ["Column", "IdxRowid", "Rewind", "Next"].includes(opcode));
  if (reads.some(({ p1 }) => p1 !== cursor)) return null;
  const fields = program.filter(({ opcode }) => opcode === "Column");
  const seen = new Set(fields.map(({ p2 }) => p2));
  if (seen.size !== columns.length || columns.some((_, i) => !seen.has(i))) return null;
  if (!program.some(({ opcode }) => opcode === "IdxRowid")) return null;
  const reals = new Set(program.filter(({ opcode }) => opcode === "RealAffinity").map(({ p1 }) => p1));
  return { realFields: [...new Set(fields.filter(({ p3 }) => reals.has(p3)).map(({ p2 }) => p2))] };
}

/** Whether a query reads nothing but the index, and groups its entries as they come. */
export function readsIndexInOrder(program: readonly Instruction[], { root }: OrdinaryIndex): boolean {
  return onlyOpens(program, root) && !program.some(({ opcode }) => SORTS.has(opcode));
}
