const { Database } = require("node-sqlite3-wasm");
const { action, checkMode, database, hold, INSERT, SELECT, SET_MODE, VERSION } = require("./protocol.cjs");

main();

async function main() {
  const db = new Database(database);
  checkMode(db.get(SET_MODE).journal_mode);
  db.run(INSERT);
  const { version } = db.get(VERSION);
  if (action === "read") {
    db.exec("begin");
    db.get(SELECT);
  } else if (action === "write") {
    db.exec("begin immediate");
    db.run(INSERT);
  }
  await hold(version);
  if (action !== "idle") db.exec("rollback");
  db.close();
}
