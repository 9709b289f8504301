"use strict";
// Part of the build: runs who-holds once on a database that a child holds, and keeps what V8 compiled for bin/sqlock.js.
const { spawn } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const HOLDER = `
  const db = require("better-sqlite3")(process.argv[1]);
  db.pragma("journal_mode = WAL");
  db.exec("CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
  console.log("ready");
  process.stdin.resume().on("end", () => process.exit());
`;

// In ASCII, V8 holds the program in one byte a character, and it is read without decoding.
const program = join(__dirname, "../dist/cli/main.cjs");
const ascii = readFileSync(program, "utf8").replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
writeFileSync(program, ascii);

const folder = mkdtempSync(join(tmpdir(), "sqlock-build-"));
const database = join(folder, "db.sqlite3");
const holder = spawn(process.execPath, ["-e", HOLDER, database], { cwd: __dirname, stdio: ["pipe", "pipe", "inherit"] });
holder.stdout.once("data", async () => {
  process.argv = [...process.argv.slice(0, 2), "who-holds", database];
  const { finished, script, file } = require("./sqlock.js");
  await finished;
  writeFileSync(`${file}.${process.version}-${process.arch}.cache`, script.createCachedData());
  holder.stdin.end();
});
holder.once("exit", (code) => {
  rmSync(folder, { recursive: true });
  if (code !== 0) process.exitCode = 1;
});
