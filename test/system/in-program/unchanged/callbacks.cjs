// Errors of functions of the program that SQLite calls, and SQLite's own beside them.
const Database = require("better-sqlite3");
Error.stackTraceLimit = 100;
const db = new Database(process.argv[2], { verbose: (text) => console.log(text) });
db.function("fails", () => {
  throw new RangeError("from a function of the program");
});
db.function("nested", () => db.prepare("nonsense"));
const attempts = [
  () => db.prepare("select fails()").get(),
  () => db.prepare("select nested()").get(),
  () => [...db.prepare("select fails() union select 2").iterate()],
  () => db.exec("nonsense"),
];
for (const attempt of attempts) {
  try {
    attempt();
  } catch (error) {
    console.log(error.code, error.stack);
  }
}
