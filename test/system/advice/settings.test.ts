/** What `report --advice` prints has the effect that it says: the printed code is run, as it is printed. */
import { execFileSync } from "node:child_process";
import { builtinModules } from "node:module";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { ADVISED_EFFECTS, advisedCode } from "../../support/advised.ts";
import { pythonPath } from "../../support/holder.ts";
import { need } from "../../support/skip.ts";
import { newDatabase } from "../../support/sqlite.ts";

const MODULES = new Set(builtinModules);

const PYTHON = `
import json, sqlite3, sys
path, code = sys.argv[1], json.loads(sys.argv[2])
found = {}
conn = eval(code["timeout"])
found["timeout"] = conn.execute("pragma busy_timeout").fetchone()[0]
exec(code["wal"])
found["wal"] = sqlite3.connect(path).execute("pragma journal_mode").fetchone()[0]
exec(code["checkpoint"])
found["checkpoint"] = conn.execute("pragma wal_autocheckpoint").fetchone()[0]
conn.close()
first = code["immediate"].split("\\n")
exec("\\n".join(first[:first.index("...")]))
try:
    sqlite3.connect(path, timeout=0, isolation_level=None).execute("begin immediate")
    found["immediate"] = False
except sqlite3.OperationalError:
    found["immediate"] = True
conn.execute("insert into t values (1)")
exec("\\n".join(first[first.index("...") + 1:]))
assert not conn.in_transaction
print(json.dumps(found))
`;

test("Python's sqlite3", async () => {
  const path = await newDatabase("delete");
  const code = JSON.stringify(advisedCode("python"));
  const out = execFileSync(pythonPath(), ["-c", PYTHON, path, code], { encoding: "utf8" });
  expect(JSON.parse(out)).toEqual(ADVISED_EFFECTS);
});

test('isolation_level="IMMEDIATE" takes no lock where a transaction begins with SELECT, as is noted', async () => {
  const path = await newDatabase("wal");
  const program = `
import sqlite3, sys
conn = sqlite3.connect(sys.argv[1], isolation_level="IMMEDIATE")
conn.execute("select * from t").fetchall()
sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute("begin immediate")
`;
  expect(() => execFileSync(pythonPath(), ["-c", program, path])).not.toThrow();
});

test("better-sqlite3", async () => {
  const path = await newDatabase("delete");
  const { timeout, immediate, wal, checkpoint, connection } = advisedCode("better-sqlite3");
  const run = (code: string, names: Readonly<Record<string, unknown>>) =>
    new Function(...Object.keys(names), code)(...Object.values(names)) as unknown;
  const db = run(`${timeout}\nreturn db;`, { Database, path }) as Database.Database;
  const found: Record<string, unknown> = { timeout: db.pragma("busy_timeout", { simple: true }) };
  run(wal, { db });
  found["wal"] = new Database(path).pragma("journal_mode", { simple: true });
  run(checkpoint, { db });
  found["checkpoint"] = db.pragma("wal_autocheckpoint", { simple: true });
  const fn = () => {
    const other = new Database(path, { timeout: 0 });
    expect(() => other.exec("begin immediate")).toThrow(/locked/);
    other.close();
    found["immediate"] = true;
  };
  run(immediate, { db, fn });
  db.close();
  expect(found).toEqual(ADVISED_EFFECTS);
  expect(run(connection.replace("export const db =", "return"), { Database, path })).toBeInstanceOf(Database);
});

const NODE = `
const { DatabaseSync } = require("node:sqlite");
const [path, json] = process.argv.slice(1);
const code = JSON.parse(json);
const value = (db, name) => Object.values(db.prepare("pragma " + name).get())[0];
const db = new Function("DatabaseSync", "path", code.timeout + "; return db")(DatabaseSync, path);
const found = { timeout: value(db, "busy_timeout") };
const run = (text) => new Function("db", text)(db);
run(code.wal);
found.wal = value(new DatabaseSync(path), "journal_mode");
run(code.checkpoint);
found.checkpoint = value(db, "wal_autocheckpoint");
run(code.immediate);
try { new DatabaseSync(path).exec("begin immediate"); found.immediate = false } catch { found.immediate = true }
db.exec("rollback");
console.log(JSON.stringify(found));
`;

test("node:sqlite", async (context) => {
  need(context, MODULES.has("sqlite") || MODULES.has("node:sqlite"), "node:sqlite");
  const path = await newDatabase("delete");
  const code = JSON.stringify(advisedCode("node-sqlite"));
  const out = execFileSync(process.execPath, ["--no-warnings", "-e", NODE, path, code], { encoding: "utf8" });
  expect(JSON.parse(out)).toEqual(ADVISED_EFFECTS);
});

test("SQL", async () => {
  const { timeout, immediate, wal, checkpoint } = advisedCode("general");
  const path = await newDatabase("delete");
  const db = new Database(path);
  for (const sql of [timeout, wal, checkpoint, immediate]) db.exec(sql);
  const other = new Database(path, { timeout: 0 });
  expect(() => other.exec("begin immediate")).toThrow(/locked/);
  const read = (name: string) => db.pragma(name, { simple: true });
  expect(["busy_timeout", "journal_mode", "wal_autocheckpoint"].map(read)).toEqual([
    ...[ADVISED_EFFECTS.timeout, ADVISED_EFFECTS.wal, ADVISED_EFFECTS.checkpoint],
  ]);
});
