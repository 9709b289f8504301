const { promisify } = require("node:util");
const sqlite3 = require("sqlite3");
const { action, checkMode, database, hold, INSERT, SELECT, SET_MODE, VERSION } = require("./protocol.cjs");

main();

async function main() {
  const db = new sqlite3.Database(database);
  const exec = promisify(db.exec.bind(db));
  const get = promisify(db.get.bind(db));
  checkMode((await get(SET_MODE)).journal_mode);
  await exec(INSERT);
  const { version } = await get(VERSION);
  if (action === "read") {
    await exec("begin");
    await get(SELECT);
  } else if (action === "write") {
    await exec("begin immediate");
    await exec(INSERT);
  }
  await hold(version);
  if (action !== "idle") await exec("rollback");
  await promisify(db.close.bind(db))();
}
