/** `sqlock demo`: a throw-away database, two processes that hold it, and the answer of who-holds. */
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { paragraph } from "../render/paragraph.ts";
import { styleOf, writeOut } from "../terminal.ts";
import { escapeText } from "../text/escape.ts";
import { shellQuoted } from "../text/shell.ts";
import { notLoaded } from "../worker/not-loaded.ts";
import { makePrivateFolder, removePrivateFolder } from "../worker/private-folder.ts";

/*
 * Both programs end by a read of stdin that blocks them until demo closes it. Their threads all sleep meanwhile, which
 * proves for how long they have had their locks: an event loop would wake now and then.
 */

/** A program that stops in the middle of a query, and so keeps reading an old snapshot. */
const READER = `
  const db = require("better-sqlite3")(process.argv[1]);
  const rows = db.prepare("SELECT * FROM t").iterate();
  rows.next();
  fs.writeSync(1, "ready\\n");
  fs.readSync(0, Buffer.alloc(1));
`;

/** A program that commits once; after a line on stdin it commits 2,000 more times and leaves a transaction open. */
const WRITER = `
  const db = require("better-sqlite3")(process.argv[1]);
  const insert = db.prepare("INSERT INTO t VALUES (?)");
  insert.run(0);
  fs.writeSync(1, "ready\\n");
  if (fs.readSync(0, Buffer.alloc(9)) === 0) process.exit();
  for (let i = 0; i < 2000; i++) insert.run(i);
  db.exec("BEGIN IMMEDIATE");
  insert.run(-1);
  fs.writeSync(1, "ready\\n");
  fs.readSync(0, Buffer.alloc(1));
`;

const SETUP = `
  const db = require("better-sqlite3")(process.argv[1]);
  db.pragma("journal_mode = WAL");
  db.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)");
`;

/** A holder prints its first line once it holds the database. */
function ready(holder: { readonly stdout: NodeJS.ReadableStream }): Promise<unknown> {
  return new Promise((resolve) => holder.stdout.once("data", resolve));
}

/** @returns the exit code of who-holds. @throws UserError where SQLite cannot be loaded, or no folder made */
export async function demo(): Promise<number> {
  const { execa } = await import("execa");
  const style = await styleOf(undefined);
  const say = (text: string) => writeOut(`${paragraph(text, "", style)}\n`);
  const folder = makePrivateFolder(null);
  if (typeof folder !== "string")
    throw new UserError("cannot-write", folder.why, "set TMPDIR to a folder that only you can write to");
  const database = join(folder, "db.sqlite3");
  const root = join(import.meta.dirname, "../..");
  const run = (name: string, program: string) =>
    execa(process.execPath, ["--title", `${name}.js`, "-e", program, database], {
      cwd: root,
      stdin: "pipe",
      reject: false,
    });
  const holders: ReturnType<typeof run>[] = [];
  const start = async (name: string, program: string) => {
    const holder = run(name, program);
    holders.push(holder);
    await Promise.race([ready(holder), holder]); // a holder that fails has printed why
  };
  try {
    say(`Throw-away WAL database: ${escapeText(database)}`);
    say("Starting a writer and a reader. The writer then commits 2,000 times and leaves a transaction open ...\n");
    const { exitCode, stderr } = await run("setup", SETUP);
    if (exitCode !== 0) throw notLoaded(stderr, process.version) ?? new Error(stderr);
    await start("writer", WRITER);
    await start("reader", READER);
    const [writer] = holders;
    if (writer === undefined) return 2;
    const done = ready(writer);
    writer.stdin.write("go\n");
    await done;
    writeOut(`$ sqlock who-holds ${shellQuoted(database)}\n`);
    const sqlock = await execa(process.execPath, [join(root, "bin/sqlock.js"), "who-holds", database], {
      stdio: "inherit",
      reject: false,
    });
    say(
      "\nwriter.js holds the WRITE lock, so no other program can write. reader.js still reads an old snapshot (its " +
        "READ lock), so later commits cannot be checkpointed and the WAL grows. Both processes are ended now.",
    );
    say(
      "\nWhich statements hold the locks of your own database, and which processes wait: sudo sqlock record DATABASE",
    );
    return sqlock.exitCode ?? 2;
  } finally {
    for (const holder of holders) holder.stdin.end();
    await Promise.all(holders);
    removePrivateFolder(folder);
  }
}
