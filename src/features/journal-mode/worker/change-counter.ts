/**
 * What the header of the database says, read through a descriptor that SQLite has: one of its own would drop SQLite's
 * locks when it is closed (the close trap).
 */
import { readSync } from "node:fs";
import { openFiles } from "../../../worker/descriptors.ts";
import { isPinned, type Pin } from "../../../worker/pin.ts";

/** Source: "Change counter", https://www.sqlite.org/fileformat2.html */
const CHANGE_COUNTER_AT = 24;

/** Null: SQLite does not have it open, or it has no header. */
export function changeCounterOf(database: Pin): number | null {
  const file = openFiles().find((each) => isPinned(database, each));
  if (file === undefined) return null;
  const bytes = Buffer.alloc(4);
  return readSync(file.fd, bytes, 0, bytes.length, CHANGE_COUNTER_AT) === bytes.length ? bytes.readUInt32BE() : null;
}
