const { Database } = require("bun:sqlite");
const { action, checkMode, database, hold, INSERT, SELECT, SET_MODE, VERSION } = require("./protocol.cjs");

main();

async function main() {
  const db = new Database(database);
  checkMode(db.query(SET_MODE).get().journal_mode);
  db.run(INSERT);
  const { version } = db.query(VERSION).get();
  if (action === "read") {
    db.run("begin");
    db.query(SELECT).all();
  } else if (action === "write") {
    db.run("begin immediate");
    db.run(INSERT);
  }
  await hold(version);
  if (action !== "idle") db.run("rollback");
  db.close();
}
