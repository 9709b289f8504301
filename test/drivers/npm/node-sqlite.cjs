const { DatabaseSync } = require("node:sqlite");
const { action, checkMode, database, hold, INSERT, SELECT, SET_MODE, VERSION } = require("./protocol.cjs");

main();

async function main() {
  const db = new DatabaseSync(database);
  checkMode(db.prepare(SET_MODE).get().journal_mode);
  db.exec(INSERT);
  const { version } = db.prepare(VERSION).get();
  if (action === "read") {
    db.exec("begin");
    db.prepare(SELECT).all();
  } else if (action === "write") {
    db.exec("begin immediate");
    db.exec(INSERT);
  }
  await hold(version);
  if (action !== "idle") db.exec("rollback");
  db.close();
}
