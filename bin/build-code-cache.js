"use strict";
// Runs who-holds once on a database that a child holds, and keeps what V8 compiled, for bin/sqlock.js, which explains
// the file: 20 ms, a quarter of the start-up. Only the Node.js that made it can use it. So the build makes it, and
// after an installation `--installed` does: without a word, and not at all where that fails or takes long, since
// everything works without it.
const { spawn, spawnSync } = require("node:child_process");
const { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const HOLDER = `
  const db = require("better-sqlite3")(process.argv[1]);
  db.pragma("journal_mode = WAL");
  db.exec("CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
  console.log("ready");
  process.stdin.resume().on("end", () => process.exit());
`;
const MAX_MS = 20_000;

if (process.argv[2] !== "--installed") {
  build();
} else if (existsSync(join(__dirname, "../dist/cli/main.cjs"))) {
  // In a checkout, npm says "installed" before there is anything built.
  spawnSync(process.execPath, [__filename], { stdio: "ignore", timeout: MAX_MS });
}

function build() {
  const folder = mkdtempSync(join(tmpdir(), "sqlock-build-"));
  const database = join(folder, "db.sqlite3");
  const holder = spawn(process.execPath, ["-e", HOLDER, database], {
    cwd: __dirname,
    stdio: ["pipe", "pipe", "ignore"],
  });
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  holder.stdout.once("data", async () => {
    process.argv = [...process.argv.slice(0, 2), "who-holds", database];
    const { finished, script, text, cacheFile } = require("./sqlock.js");
    await finished;
    const code = script.createCachedData();
    writeFileSync(`${cacheFile}.new`, Buffer.concat([text, code, code]));
    renameSync(`${cacheFile}.new`, cacheFile);
    holder.stdin.end();
  });
  holder.once("exit", (code) => {
    if (code !== 0) console.error("there is no code cache: better-sqlite3 cannot be loaded (npm install builds it)");
  });
}
