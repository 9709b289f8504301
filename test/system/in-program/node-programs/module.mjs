// The same library, imported.
import Database from "better-sqlite3";

export async function first(db) {
  await undefined;
  return db.prepare("select 1 as one").get();
}

const db = new Database(process.argv[2]);
await first(db);
db.transaction(() => db.exec("create table t(a)")).immediate();
