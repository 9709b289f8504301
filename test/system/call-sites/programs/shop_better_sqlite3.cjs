// better-sqlite3: what programs do wrong with it, each in a database of its own; with "right", the same done right.
const { createRequire } = require("node:module");
const path = require("node:path");

const Database = createRequire(process.env.MODULES)("better-sqlite3");
const isRight = process.argv[2] === "right";
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function open(name, options) {
  const db = new Database(path.join(__dirname, name), options);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = OFF");
  db.exec("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, state TEXT)");
  return db;
}

function neverClosed() {
  open("never_closed.db").close();
  for (let order = 0; order < 40; order++) {
    const db = new Database(path.join(__dirname, "never_closed.db"));
    db.prepare("SELECT state FROM orders WHERE id = ?").get(order);
    if (isRight) db.close();
  }
}

async function networkInTransaction() {
  const db = open("network.db");
  db.exec("BEGIN");
  db.exec("INSERT INTO orders (state) VALUES ('paying')");
  if (isRight) db.exec("COMMIT");
  await sleep(1200); // the payment service
  if (isRight) db.exec("BEGIN");
  db.exec("UPDATE orders SET state = 'paid'");
  db.exec("COMMIT");
  db.close();
}

function commitEach() {
  const db = open("rows.db");
  const insert = db.prepare("INSERT INTO orders (state) VALUES (?)");
  const all = () => {
    for (let order = 0; order < 300; order++) insert.run("imported");
  };
  if (isRight) db.transaction(all)();
  else all();
  db.close();
}

function readThenWrite() {
  const db = open("upgrade.db");
  const other = open("upgrade.db");
  db.exec(isRight ? "BEGIN IMMEDIATE" : "BEGIN");
  const { count } = db.prepare("SELECT count(*) AS count FROM orders").get();
  if (!isRight) other.exec("INSERT INTO orders (state) VALUES ('of another request')");
  const next = `number ${count}`;
  try {
    db.prepare("INSERT INTO orders (state) VALUES (?)").run(next);
  } catch (error) {
    console.log(error.code);
  }
  db.exec(isRight ? "COMMIT" : "ROLLBACK");
  other.close();
  db.close();
}

async function unreadCursor() {
  const db = open("cursor.db");
  db.exec("INSERT INTO orders (state) VALUES ('new'), ('new')");
  const read = db.prepare("SELECT * FROM orders");
  const rows = isRight ? read.all() : read.iterate();
  if (!isRight) rows.next();
  await sleep(2000);
  if (!isRight) rows.return();
  db.close();
}

function noTimeout() {
  const one = open("timeout.db");
  const two = new Database(path.join(__dirname, "timeout.db"), isRight ? {} : { timeout: 0 });
  two.prepare("SELECT 1 FROM orders").all();
  two.close();
  one.close();
}

function closedTooEarly() {
  const db = open("closed.db");
  const read = db.prepare("SELECT count(*) FROM orders");
  if (!isRight) db.close();
  try {
    read.get();
  } catch (error) {
    console.log(error.message);
  }
  db.close();
}

function leftOpen() {
  const db = open("forgotten.db");
  db.exec("BEGIN");
  db.exec("INSERT INTO orders (state) VALUES ('new')");
  if (isRight) db.exec("COMMIT");
  db.close();
}

Promise.all([networkInTransaction(), unreadCursor()]).then(() => undefined);
for (const each of [neverClosed, commitEach, readThenWrite, noTimeout, closedTooEarly, leftOpen]) each();
