// A program that writes stacks in its own way, and counts how often.
let times = 0;
Error.prepareStackTrace = (error, sites) => {
  times += 1;
  return `${error.name}: ${sites.map((site) => site.getFunctionName()).join(" < ")}`;
};
const Database = require("better-sqlite3");
const db = new Database(process.argv[2]);
function outer() {
  db.exec("nonsense");
}
try {
  outer();
} catch (error) {
  const before = times;
  console.log(error.stack, times - before);
}
console.log(Object.getOwnPropertyDescriptor(Error, "prepareStackTrace"));
