/**
 * The environment for the commands of the documentation: a folder with the databases that it names, held by real
 * processes, and `sqlock` on the PATH.
 */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { execa } from "execa";
import type { RecordingLine } from "../../src/recording/lines.ts";
import { HOLD, type Holder, pythonPath, spawnHolder } from "../support/hold.ts";
import { lockLine, metaLine, processLine, waitLine } from "../support/recording.ts";
import { ROOT } from "../support/root.ts";
import { BIN } from "../support/sqlock.ts";

export interface World {
  readonly folder: string;
  /** `manage.py shell`: holds the write lock of db.sqlite3. */
  readonly writer: Holder;
  /** `manage.py runserver`: reads an old snapshot of it. */
  readonly reader: Holder;
  /** Ends them, and removes the folder. */
  readonly end: () => Promise<void>;
}

/** A program that holds what it is told to, or fails as Django's migrations do. */
const MANAGE = `import sqlite3, sys
if sys.argv[1:] == ["migrate"]:
    sqlite3.connect("db.sqlite3", timeout=0.1).execute("INSERT INTO t VALUES (1)")
exec(open(${JSON.stringify(HOLD)}).read())
`;

/** What a recorder left: for a minute from 12:00 on. */
const NIGHT: readonly RecordingLine[] = [
  metaLine({ startedAt: "2026-07-01T12:00:00.000+02:00" }),
  processLine({ unit: "gunicorn.service" }),
  processLine({ pid: 4242, startTicks: "900", commandLine: ["python3", "import.py"] }),
  lockLine({ pid: 4242, startTicks: "900", tid: 4242, fromMs: 800, toMs: 1_800 }),
  waitLine(),
  lockLine({ fromMs: 1_800, toMs: 60_000 }),
];

export async function newWorld(): Promise<World> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sqlock-world-")));
  for (const name of ["bin", "data", "node_modules/.bin"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "name": "app", "private": true, "type": "module" }');
  symlinkSync(ROOT, join(folder, "node_modules/sqlock"));
  for (const name of ["bin/sqlock", "node_modules/.bin/sqlock"]) {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  symlinkSync(pythonPath(), join(folder, "bin/python3"));
  writeFileSync(join(folder, "manage.py"), MANAGE);
  whole(join(folder, "data/app.sqlite3"));
  whole(join(folder, "test.sqlite3"));
  damaged(join(folder, "shop.db"));
  const night = NIGHT.map((line) => `${JSON.stringify(line)}\n`).join("");
  for (const name of ["night.jsonl", "before.jsonl", "after.jsonl"]) writeFileSync(join(folder, name), night);
  const { writer, reader } = await holdersOf(folder);
  const end = async () => {
    await Promise.all([writer.end(), reader.end()]);
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, writer, reader, end };
}

async function holdersOf(cwd: string): Promise<Pick<World, "writer" | "reader">> {
  whole(join(cwd, "db.sqlite3"), "wal");
  const through = ["env", `PATH=${join(cwd, "bin")}:${process.env["PATH"]}`];
  const start = (name: string) => spawnHolder({ cwd, through, script: "manage.py", args: [name], plain: true });
  const connect = `c = sqlite3.connect("db.sqlite3", isolation_level=None)`;
  const reader = await start("runserver");
  await reader.run(
    `${connect}; c.execute("INSERT INTO t VALUES (1)"); c.execute("BEGIN"); c.execute("SELECT * FROM t").fetchall()`,
  );
  const writer = await start("shell");
  await writer.run(
    `${connect}; c.execute("PRAGMA synchronous = OFF")\nfor i in range(3000): c.execute("INSERT INTO t VALUES ` +
      '(1)")\nc.execute("BEGIN IMMEDIATE")',
  );
  return { writer, reader };
}

function whole(path: string, journalMode = "delete"): void {
  const db = new Database(path);
  db.pragma(`journal_mode = ${journalMode}`);
  db.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  db.close();
}

/** An index without one of its rows, and a row that refers to a missing row. */
function damaged(path: string): void {
  let db = new Database(path);
  db.unsafeMode().pragma("foreign_keys = off");
  db.exec(`CREATE TABLE orders (id INTEGER PRIMARY KEY, customer); CREATE INDEX orders_customer ON orders (customer);
    CREATE TABLE items (id INTEGER PRIMARY KEY, order_id REFERENCES orders (id));
    INSERT INTO orders (customer) VALUES ('a'), ('b'), ('c'); INSERT INTO items (order_id) VALUES (1), (2), (7)`);
  db.pragma("writable_schema = on");
  const [entry] = db.prepare("SELECT * FROM sqlite_schema WHERE name = 'orders_customer'").raw().all();
  db.exec("DELETE FROM sqlite_schema WHERE name = 'orders_customer'");
  db.close();
  db = new Database(path);
  db.unsafeMode().exec("INSERT INTO orders (customer) VALUES ('d')");
  db.pragma("writable_schema = on");
  db.prepare("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)").run(entry);
  db.close();
}

export interface Ran {
  readonly code: number | undefined;
  readonly output: string;
}

/**
 * Runs a command as if typed into a shell in that folder, which is also `/srv/app`. With `until`, interrupts it
 * (Ctrl-C) as soon as it has printed that.
 */
export async function type(command: string, { folder }: World, until?: RegExp): Promise<Ran> {
  const env = {
    PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
    npm_config_offline: "true",
    npm_config_update_notifier: "false",
  };
  const line = `${until === undefined ? "" : "exec env "}${command.replaceAll("/srv/app", folder)}`;
  const running = execa("bash", ["-c", line], {
    cwd: folder,
    env,
    stdin: "ignore",
    all: true,
    reject: false,
    timeout: 60_000,
  });
  if (until !== undefined) {
    let seen = "";
    let interrupted = false;
    running.all.on("data", (chunk) => {
      seen += chunk;
      if (interrupted || !until.test(seen)) return;
      interrupted = running.kill("SIGINT"); // a second one would end it at once
    });
  }
  const { exitCode, all } = await running;
  return { code: exitCode, output: all };
}
