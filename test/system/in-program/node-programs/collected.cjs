// A database that nobody closes.
const Database = require("better-sqlite3");

let db = new Database(process.argv[2]);
db.exec("create table t(a)");
db.exec("begin immediate");
db = undefined;
let rounds = 0;
const timer = setInterval(() => {
  globalThis.gc();
  rounds += 1;
  if (rounds === 20) clearInterval(timer);
}, 10);
