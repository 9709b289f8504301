/** better-sqlite3 does what a script says, and logs each call: see test/record/script.ts. Arguments: the file of the log. */
const { appendFileSync, openSync, readSync, writeSync } = require("node:fs");
const Database = require("better-sqlite3");

const log = openSync(process.argv[2], "a", 0o600);
const paths = new Map();
const connections = new Map();
const iterators = new Map();

function logged(connection, op, sql, action) {
  const facts = { pid: process.pid, tid: process.pid, connection, op, sql, path: paths.get(connection) ?? null };
  appendFileSync(log, `${JSON.stringify({ ...facts, from_ns: Number(process.hrtime.bigint()) })}\n`);
  let code = "SQLITE_OK";
  let row = null;
  const begin = process.hrtime.bigint();
  try {
    row = action() ?? null;
  } catch (error) {
    code = error.code ?? String(error);
  }
  const end = process.hrtime.bigint();
  const line = { ...facts, from_ns: Number(begin), to_ns: Number(end), code, row };
  appendFileSync(log, `${JSON.stringify(line)}\n`);
}

function first(row) {
  return row?.filter((value) => typeof value === "number" || typeof value === "string") ?? null;
}

function run([op, name, ...rest]) {
  const [sql] = rest;
  switch (op) {
    case "open":
      return logged(name, op, null, () => {
        const [timeout, path] = rest;
        paths.set(name, path);
        connections.set(name, new Database(path, { timeout: Number(timeout) }));
      });
    case "sql":
      return logged(name, op, sql, () => {
        const statement = connections.get(name).prepare(sql);
        if (statement.reader) return first(statement.raw().all()[0]);
        statement.run();
      });
    case "fetch":
      return logged(name, op, sql, () => {
        const iterator = connections.get(name).prepare(sql).raw().iterate();
        iterators.set(name, iterator);
        return first(iterator.next().value);
      });
    case "drop":
      return logged(name, op, null, () => void iterators.get(name).return());
    case "close":
      return logged(name, op, null, () => void connections.get(name).close());
    case "sleep":
      return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(name));
    case "say":
      return writeSync(1, `${name}\n`);
    case "die":
      return process.kill(process.pid, "SIGKILL");
    default:
      throw new Error(op);
  }
}

const piece = Buffer.alloc(65_536);
for (let rest = ""; ; ) {
  const length = readSync(0, piece);
  if (length === 0) break;
  const lines = (rest + piece.toString("utf8", 0, length)).split("\n");
  rest = lines.pop();
  for (const line of lines) run(line.split("\t").slice(1));
}
