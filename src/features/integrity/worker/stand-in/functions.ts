/** Functions in place of those that only the program has, so that SQLite can check what does not need them. */
import type Database from "better-sqlite3";
import { codeOf } from "../../../../worker/sqlite-error.ts";

export class StandInFunctions {
  readonly names = new Set<string>();
  readonly #db: Database.Database;
  #active = true;

  constructor(db: Database.Database) {
    this.#db = db;
  }

  /** With NULL for each answer: no CHECK constraint fails by it. False: there is one, or SQLite takes no such name. */
  add(name: string): boolean {
    const key = name.toLowerCase();
    if (name === "" || this.names.has(key)) return false;
    try {
      this.#db.function(name, { varargs: true, deterministic: true }, () => this.#answer(name));
    } catch (error) {
      if (codeOf(error) === "") throw error;
      return false;
    }
    this.names.add(key);
    return true;
  }

  /** A connection keeps them: from now on they fail, as if they were missing. */
  end(): void {
    this.#active = false;
  }

  #answer(name: string): null {
    if (this.#active) return null;
    throw Object.assign(new Error(`no such function: ${name}`), { code: "SQLITE_ERROR" });
  }
}
