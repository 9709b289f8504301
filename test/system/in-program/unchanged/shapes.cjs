// What can be looked at.
const { inspect } = require("node:util");
const Database = require("better-sqlite3");
const db = new Database(process.argv[2], { timeout: 10 });
db.exec("create table t(a)");
const statement = db.prepare("select 1 as one");
const shapes = [db, statement, Object.getPrototypeOf(statement), statement.iterate()];
for (const shape of shapes) {
  console.log(inspect(shape, { depth: 1 }));
  for (const key of Reflect.ownKeys(shape)) {
    const { value, ...rest } = Object.getOwnPropertyDescriptor(shape, key);
    console.log(key, typeof value === "function" ? `${value.name} ${value.length}` : typeof value, rest);
  }
}
const native = Object.getOwnPropertySymbols(db).map((symbol) => db[symbol])[0];
console.log(
  native.constructor.name,
  native instanceof native.constructor,
  native.constructor.prototype === Object.getPrototypeOf(native),
);
console.log(db.constructor === Database, db instanceof Database);
// biome-ignore lint/suspicious/useIsArray: both ways
console.log(process.moduleLoadList instanceof Array, Array.isArray(process.moduleLoadList));
console.log(inspect(process.moduleLoadList).slice(0, 30));
console.log(process.listenerCount("uncaughtException"), process.getActiveResourcesInfo(), process.listeners("SIGTERM"));
console.log(Object.keys(require.cache).length, Object.keys(globalThis), process.dlopen.name, process.dlopen.length);
class Mine extends Database {}
console.log(new Mine(":memory:").prepare("select 2 as two").get(), new Mine(":memory:") instanceof Mine);
