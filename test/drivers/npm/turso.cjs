const { connect } = require("@tursodatabase/database");
const { action, checkMode, database, hold, INSERT, SELECT, SET_MODE, VERSION } = require("./protocol.cjs");

main();

async function main() {
  const db = await connect(database);
  checkMode((await db.prepare(SET_MODE).get()).journal_mode);
  await db.exec(INSERT);
  const { version } = await db.prepare(VERSION).get();
  if (action === "read") {
    await db.exec("begin");
    await db.prepare(SELECT).all();
  } else if (action === "write") {
    await db.exec("begin immediate");
    await db.exec(INSERT);
  }
  await hold(version);
  if (action !== "idle") await db.exec("rollback");
  await db.close();
}
