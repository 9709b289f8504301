// node:sqlite, imported.
import { DatabaseSync } from "node:sqlite";

const db = new DatabaseSync(process.argv[2], { open: false });
db.open();
db.exec("begin immediate");
db.exec("create table t(a)");
db.exec("commit");
db.close();
db.open();
db.prepare("select a from t").all();
console.log(db.constructor === DatabaseSync, db instanceof DatabaseSync);
