// Errors and their stacks, as the program sees them.
const Database = require("better-sqlite3");
const db = new Database(process.argv[2]);
const attempts = [
  () => db.exec("nonsense"),
  () => db.prepare("select * from missing"),
  () => db.prepare("select ?").get(),
  () => db.prepare("create table t(a)").all(),
  () => db.transaction(() => db.exec("rollback to s"))(),
  () => [...db.prepare("select abs(-9223372036854775808)").iterate()],
  () => db.close().exec("select 1"),
  () => new Database("/missing/folder/a.db"),
  () => new Database("/proc/self/a.db"),
];
for (const limit of [10, 2, 0]) {
  Error.stackTraceLimit = limit;
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (error) {
      console.log(error.constructor === Database.SqliteError, Object.keys(error), error.name, error.code, error.stack);
      console.log(Object.keys(Object.getOwnPropertyDescriptor(error, "stack") ?? {}).join());
    }
  }
}
console.log(Error.stackTraceLimit);
