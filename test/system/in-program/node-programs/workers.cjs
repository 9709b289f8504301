// A thread of its own writes while the main thread waits for it; then a child process does.
const { spawnSync } = require("node:child_process");
const { isMainThread, Worker, workerData } = require("node:worker_threads");
const Database = require("better-sqlite3");

const file = isMainThread ? process.argv[2] : workerData;
const db = new Database(file);
if (!isMainThread || process.argv[3] === "child") {
  db.exec("insert into t values (1)");
} else {
  db.exec("create table t(a)");
  const worker = new Worker(__filename, { workerData: file });
  worker.on("exit", () => {
    spawnSync(process.execPath, [__filename, file, "child"], { stdio: "inherit" });
    db.exec("insert into t values (1)");
  });
}
