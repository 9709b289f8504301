/**
 * A bare `PRAGMA integrity_check` (or the one that is named) and `PRAGMA foreign_key_check` for every path on stdin,
 * one a line: a line of JSON for each. In a process of its own, so that one that hangs or crashes is an answer, too. It
 * opens for writing, as any program does: it is given copies.
 */
import { createInterface } from "node:readline";
import Database from "better-sqlite3";

const PRAGMA = process.argv[2] ?? "integrity_check";
/** More than sqlock shows: of those that it does show each must be among them. */
const MAX = 10_000;

function check(path) {
  const answer = { structure: [], ended: false, foreignKeys: 0, errors: [] };
  let database;
  try {
    database = new Database(path, { fileMustExist: true });
    attempt(answer, () => {
      for (const row of database.prepare(`pragma ${PRAGMA}(${MAX})`).pluck().iterate()) answer.structure.push(row);
    });
    answer.ended = answer.errors.length === 0;
    attempt(answer, () => {
      answer.foreignKeys = database.prepare("pragma foreign_key_check").all().length;
    });
  } catch (error) {
    answer.errors.push({ code: error.code, message: error.message });
  } finally {
    database?.close();
  }
  return answer;
}

function attempt(answer, act) {
  try {
    act();
  } catch (error) {
    answer.errors.push({ code: error.code, message: error.message });
  }
}

for await (const path of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(check(path))}\n`);
