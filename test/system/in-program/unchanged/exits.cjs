// The exit code and what is printed at the end.
const Database = require("better-sqlite3");
const db = new Database(process.argv[2]);
db.exec("create table t(a); begin; insert into t values (1)");
process.on("exit", (code) => console.log("exit", code, process.exitCode));
const how = process.argv[3];
if (how === "exit") process.exit(3);
if (how === "exitCode") process.exitCode = 4;
if (how === "reject") Promise.reject(new Error("nobody handles this"));
if (how === "throw") throw new Error("nobody catches this");
if (how === "signal") process.kill(process.pid, "SIGTERM");
if (how === "handled") process.once("SIGTERM", () => process.exit(5)).kill(process.pid, "SIGTERM");
if (how === "abort") process.kill(process.pid, "SIGKILL");
if (how === "missing") require("./not-there.cjs");
if (how === "handled" || how === "signal" || how === "abort") setTimeout(() => {}, 10_000);
