/** What damage is done to: some index, table or entry of the victim, and how a record of it is replaced. */
import type { Tree, Victim } from "./byte-damages.ts";
import {
  type Cell,
  cellAt,
  type Entry,
  entriesOf,
  INDEX_INTERIOR,
  INDEX_LEAF,
  type Position,
  putCell,
} from "./index-records.ts";
import type { Random } from "./random.ts";
import {
  decodeRecord,
  type Field,
  integerField,
  NULL_FIELD,
  realField,
  type StoredRecord,
  textField,
} from "./record.ts";
import type { Encode } from "./value-changes.ts";

/** How often another entry is tried where a change does not fit on the page, or the value has no such change. */
const TRIES = 12;

export function typeOf({ bytes, pageSize }: Victim, page: number): number {
  return bytes[(page - 1) * pageSize] ?? 0;
}

export function isIndex(victim: Victim, { root }: Tree): boolean {
  return [INDEX_INTERIOR, INDEX_LEAF].includes(typeOf(victim, root));
}

/** Of more than one page, or with more than one entry. */
function isFilled(victim: Victim, { root }: Tree): boolean {
  const { bytes, pageSize } = victim;
  const at = (root - 1) * pageSize;
  return (
    at + 5 <= bytes.length && ([INDEX_INTERIOR, 5].includes(typeOf(victim, root)) || bytes.readUInt16BE(at + 3) > 1)
  );
}

/** An index, or a table WITHOUT ROWID, that has entries; null: there is none. */
export function someIndex(victim: Victim, fits: (tree: Tree) => boolean = () => true): Tree | null {
  const filled = victim.trees.filter((tree) => isIndex(victim, tree) && isFilled(victim, tree));
  const fitting = filled.filter(fits);
  const some = fitting.length > 0 ? fitting : filled;
  return some.length === 0 ? null : victim.random.pick(some);
}

export function someTable(victim: Victim): Tree | null {
  const some = victim.trees.filter((tree) => !isIndex(victim, tree) && isFilled(victim, tree));
  const indexed = some.filter(({ name }) => victim.trees.some(({ type, table }) => type === "index" && table === name));
  const choices = indexed.length > 0 ? indexed : some;
  return choices.length === 0 ? null : victim.random.pick(choices);
}

export function someEntry(victim: Victim, { root }: Tree): Entry | null {
  const entries = entriesOf(victim, root);
  return entries.length === 0 ? null : victim.random.pick(entries);
}

export function encoderOf({ bytes }: Victim): Encode {
  const encoding = bytes.length >= 60 ? bytes.readUInt32BE(56) : 1;
  return (text) => {
    if (encoding === 1) return Buffer.from(text, "utf8");
    const units = Buffer.from(text, "utf16le");
    return encoding === 2 ? units : units.swap16();
  };
}

export function again(act: () => boolean): void {
  for (let i = 0; i < TRIES; i++) if (act()) return;
}

export function recordAt(victim: Victim, position: Position): { cell: Cell; record: StoredRecord } | null {
  const cell = cellAt(victim, position);
  const record = cell === null ? null : decodeRecord(cell.payload);
  return cell === null || record === null ? null : { cell, record };
}

export function putPayload(victim: Victim, position: Position, payload: Buffer): boolean {
  const cell = cellAt(victim, position);
  return cell !== null && !cell.payload.equals(payload) && putCell(victim, position, { ...cell, payload });
}

export function split({ fields }: StoredRecord): { keys: readonly Field[]; rowid: Field } | null {
  const rowid = fields.at(-1);
  return rowid === undefined || fields.length < 2 ? null : { keys: fields.slice(0, -1), rowid };
}

export function otherField(random: Random): Field {
  return random.pick([NULL_FIELD, integerField(0n), integerField(7n), textField(Buffer.from("x")), realField(1.5)]);
}

export function rewriteRow(victim: Victim, rewrite: (record: StoredRecord) => Buffer | null): boolean {
  const tree = someTable(victim);
  if (tree === null) return false;
  const position = someEntry(victim, tree);
  const found = position === null ? null : recordAt(victim, position);
  const payload = found === null ? null : rewrite(found.record);
  return position !== null && payload !== null && putPayload(victim, position, payload);
}
