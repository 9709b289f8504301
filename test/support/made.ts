/** Databases of programs that have collations and functions of their own. */
import { join } from "node:path";
import { python } from "./python.ts";
import { tempFolder } from "./temp.ts";

/** A database made by statements, closed. */
export function made(...statements: readonly string[]): string {
  const path = join(tempFolder(), "db.sqlite3");
  python(`
import sqlite3
c = sqlite3.connect(${JSON.stringify(path)}, isolation_level=None)
for name in ("mine", "unicase", "ICU", "naturalsort"):
    c.create_collation(name, lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))
for name in ("f", "zip", "unzip"): c.create_function(name, 1, lambda a: a, deterministic=True)
for sql in ${JSON.stringify(statements)}: c.execute(sql)
c.close()`);
  return path;
}
