/** DATABASE: opens it, and runs each line of stdin as SQL; answers `ok`, or the error. */
const { createInterface } = require("node:readline");
const { Database } = require("node-sqlite3-wasm");

const db = new Database(process.argv[2]);
console.log("ready");
createInterface({ input: process.stdin })
  .on("line", (line) => {
    try {
      db.exec(line);
      console.log("ok");
    } catch (error) {
      console.log(error.message);
    }
  })
  .on("close", () => db.close());
