/** What every program here does: DATABASE MODE ACTION, `ready VERSION`, and the end of stdin. */
const [database, mode, action] = process.argv.slice(2);

module.exports = {
  database,
  action,
  INSERT: "insert into t values (1)",
  SELECT: "select count(*) from t",
  SET_MODE: `pragma journal_mode = ${mode}`,
  VERSION: "select sqlite_version() as version",

  checkMode(found) {
    if (found !== mode) throw new Error(`the journal mode is ${found}, not ${mode}`);
  },

  /** Resolves at the end of stdin. */
  hold(version) {
    console.log("ready", version);
    return new Promise((resolve) => process.stdin.resume().on("end", resolve));
  },
};
