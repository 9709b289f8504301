// One of everything, with better-sqlite3 or node:sqlite.
const { open } = require("./open.cjs");

const db = open(process.argv[2], process.argv[3]);
db.exec("create table t(a)");
const insert = db.prepare("insert into t values (?)");
for (let i = 0; i < 10; i += 1) insert.run(i);
db.exec("begin immediate");
insert.run(1);
const { n } = db.prepare("select count(*) as n from t").get();
for (const row of db.prepare("select a from t").iterate()) if (row.a === -1) throw new Error("no such row");
db.exec("commit");
db.exec("begin; insert into t values (5)");
db.exec("rollback");
db.exec("savepoint s");
insert.run(2);
db.exec("release s");
try {
  db.exec("nonsense");
} catch (error) {
  console.log(error.message);
}
db.exec("begin");
insert.run(3);
db.close();
try {
  insert.run(4);
} catch (error) {
  console.log(error.code ?? error.name, n);
}
