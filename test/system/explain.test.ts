/**
 * explain as people run it: with a message, a log on standard input, a database that real processes hold, and what is
 * none of these.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ENTRIES } from "../../src/features/explain/entries/index.ts";
import type { Entry } from "../../src/features/explain/entry.ts";
import type { Listing } from "../../src/features/explain/explanation.ts";
import type { ExplanationDocument } from "../../src/render/explain/json.ts";
import { connection, ROLLBACK, WAL, WRITE } from "../support/connection.ts";
import { pythonPath } from "../support/hold.ts";
import { startHolder } from "../support/holder.ts";
import { python } from "../support/python.ts";
import { expectToFit } from "../support/schema.ts";
import { isRoot, need } from "../support/skip.ts";
import { BIN, NODE, type RunOptions, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const LOCKED = "sqlite3.OperationalError: database is locked";

async function explained(
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ readonly code: number | undefined; readonly document: ExplanationDocument }> {
  const { code, stdout } = await sqlock(["explain", "--json", ...args], options);
  const document = JSON.parse(stdout) as ExplanationDocument;
  expectToFit("explain", document);
  return { code, document };
}

/** A process that holds a write transaction, suspended: a finding without any wait. */
async function suspendedWriter(database: string): Promise<{ readonly pid: number; readonly resume: () => void }> {
  const writer = await startHolder();
  await writer.run(connection(database, ...WAL, ...WRITE));
  writer.kill("SIGSTOP");
  return { pid: writer.pid, resume: () => writer.kill("SIGCONT") };
}

describe("a text", () => {
  test("as an argument, in one or several words", async () => {
    for (const args of [["database is locked"], ["database", "is", "locked"]]) {
      const { code, stdout, stderr } = await sqlock(["explain", ...args]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^database is locked\n {2}SQLITE_BUSY \(5\)\.\n/);
      expect(stdout).toContain("How to tell: ");
      expect(stdout).toContain("BEGIN IMMEDIATE");
      expect(stdout.split("\n").filter((line) => line.length > 80 && !/^ {7}/.test(line))).toEqual([]);
    }
  });

  test("on standard input, with - or without; a traceback that Python wrote", async () => {
    const folder = tempFolder();
    const traceback = python(`
import sqlite3, sys, traceback
path = ${JSON.stringify(join(folder, "db.sqlite3"))}
first = sqlite3.connect(path, isolation_level=None)
first.execute("create table t(a)")
first.execute("begin immediate")
try: sqlite3.connect(path, timeout=0).execute("insert into t values (1)")
except sqlite3.Error: print("starting", traceback.format_exc(), sep="\\n")
`);
    for (const { code, document } of await Promise.all(
      [[], ["-"]].map((args) => explained(args, { input: traceback })),
    )) {
      expect(code).toBe(0);
      expect(document.message).toMatchObject({
        id: "database-is-locked",
        library: { id: "python-sqlite3" },
        found: { count: 1, text: LOCKED },
      });
    }
  });

  test("the user's own code that raised it, in the tracebacks of Python and Node.js", async () => {
    const folder = tempFolder();
    const [store, views, main] = ["store.js", "views.py", "main.py"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(views, `def checkout(connection):\n    connection.execute("insert into t values (1)")\n`);
    writeFileSync(
      main,
      `import sqlite3, views
first, second = (sqlite3.connect("py.db", timeout=0, isolation_level=None) for _ in range(2))
first.execute("create table t(a)")
first.execute("begin immediate")
views.checkout(second)
`,
    );
    const library = createRequire(import.meta.url).resolve("better-sqlite3");
    writeFileSync(
      store,
      `const Database = require(${JSON.stringify(library)});
const [first, second] = [1, 2].map(() => new Database("js.db", { timeout: 0 }));
first.exec("create table t(a); begin immediate");
function checkout() {
  second.transaction(() => second.exec("insert into t values (1)"))();
}
checkout();
`,
    );
    // this better-sqlite3 is built for the Node.js that runs the tests, which may not be the one that sqlock runs with
    const run = (program: string, file: string) =>
      spawnSync(program, [file], { cwd: folder, encoding: "utf8", env: { PYTHONDONTWRITEBYTECODE: "1" } }).stderr;
    const [python, node] = await Promise.all(
      [run(pythonPath(), main), run(process.execPath, store)].map((input) => explained([], { input })),
    );
    expect(python?.document.message?.raisedAt).toEqual({
      file: views,
      line: 2,
      function: "checkout",
      language: "Python",
    });
    expect(node?.document.message?.raisedAt).toMatchObject({ file: store, line: 5, language: "Node.js" });
  });

  test("--elapsed and --busy-timeout decide between the causes", async () => {
    const standing = async (elapsed: string) => {
      const { document } = await explained(["--elapsed", elapsed, "--busy-timeout", "5s", LOCKED]);
      return document.causes.filter((cause) => cause.waited !== null).map((cause) => [cause.waited, cause.standing]);
    };
    for (const [waited, place] of await standing("20ms"))
      if (waited === "whole-timeout") expect(place).toBe("ruled-out");
    for (const [waited, place] of await standing("5.01s"))
      expect(place).toBe(waited === "whole-timeout" ? "fits" : "ruled-out");
  });

  test("no time at all, and no timeout, are answers", async () => {
    for (const [elapsed, timeout] of [
      ["0", "0"],
      ["0ms", "0s"],
    ] as const) {
      const { document } = await explained(["--elapsed", elapsed, "--timeout", timeout, LOCKED]);
      expect(document.waited).toMatchObject({ elapsedMs: 0, timeoutMs: 0 });
      expect(document.causes[0]).toMatchObject({ id: "no-timeout", standing: "fits" });
    }
  });

  test("bytes that are no UTF-8, UTF-16, colours, NUL and CRLF do not hide it", async () => {
    const inputs = [
      Buffer.from(`\ufeffx\r\n${LOCKED}\r\n`, "utf16le"),
      Buffer.from(`\xff\xfe\x80\r\n${LOCKED}\r\n`, "latin1"),
      Buffer.from(`x\n\x1b[31msqlite3.OperationalError\x1b[0m: database is \x1b[1mlocked\x1b[0m\n`),
      Buffer.from(`x\n${LOCKED}\0`),
      Buffer.from(`x\r\n${LOCKED}`),
    ];
    for (const { document } of await Promise.all(inputs.map((input) => explained([], { input })))) {
      expect(document.message).toMatchObject({
        id: "database-is-locked",
        library: { id: "python-sqlite3" },
        found: { line: 2 },
      });
    }
  });

  test("words that are no message lead to what concerns them; mistyped ones to the word", async () => {
    for (const word of ["wal", "locked", "busy"]) {
      const { code, document } = await explained([word]);
      expect({ code, given: document.given }).toEqual({ code: 0, given: "topic" });
      expect(document.topics).toMatchObject([{ id: word, messages: expect.arrayContaining([expect.anything()]) }]);
    }
    const { code, document } = await explained(["lokced"]);
    expect({ code, nearest: document.nearest }).toMatchObject({ code: 1, nearest: [{ id: "locked" }] });
    const folder = tempFolder();
    mkdirSync(join(folder, "docker"));
    expect((await sqlock(["explain", "docker"], { cwd: folder })).stdout).toMatch(/^Containers\n/);
  });

  test("nothing recognised: exit code 1, and what is nearest", async () => {
    const { code, stdout, stderr } = await sqlock(["explain", "databse is lokced"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toContain("database is locked    (sqlock explain database-is-locked)");
    expect((await explained(["all is well"])).document).toMatchObject({ message: null, nearest: [], error: null });
  });
});

describe("a name", () => {
  test("codes, ids of messages and of findings", async () => {
    expect((await explained(["517"])).document.message).toMatchObject({
      id: "database-is-locked",
      extended: { number: 517 },
    });
    expect((await explained(["SQLITE_BUSY"])).document).toMatchObject({
      given: "code",
      message: { id: "database-is-locked", found: null },
    });
    expect((await explained(["database-is-locked"])).document.given).toBe("message");
    const { code, document } = await explained(["uncommitted-write"]);
    expect({ code, given: document.given, title: typeof document.finding?.page?.title }).toEqual({
      code: 0,
      given: "finding",
      title: "string",
    });
    expect((await explained(["19"])).code).toBe(1);
  });

  test("--list", async () => {
    const { code, stdout } = await sqlock(["explain", "--list"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^BUSY \(5\) .*database is locked .*database-is-locked$/m);
    expect(stdout).toMatch(/^uncommitted-write /m);
    const document = JSON.parse((await sqlock(["explain", "--list", "--json"])).stdout) as Listing;
    expectToFit("explain", document);
    expect(document.messages.map(({ id }) => id)).toContain("database-is-locked");
  });
});

describe("--db", () => {
  test("the cause that shows comes first, with its evidence", async () => {
    const database = join(tempFolder(), "db.sqlite3");
    const writer = await suspendedWriter(database);
    const { code, stdout, stderr } = await sqlock(["explain", "--db", database, LOCKED]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^This time, on db\.sqlite3: .+\n {2}error suspended-holder: /m);
    expect(stdout).toContain(`kill -CONT ${writer.pid}`);
    expect(stdout).toContain(`sqlock who-holds ${database}`);
    const { document } = await explained(["--db", database, LOCKED]);
    expect(document.causes[0]).toMatchObject({
      standing: "this-time",
      rank: 1,
      findings: expect.arrayContaining(["suspended-holder"]),
    });
    expect(document.thisTime[0]).toEqual({ database, finding: "suspended-holder", cause: document.causes[0]?.id });
    writer.resume();
  });

  test("without a text, what is wrong with it; a finding by its id, too", async () => {
    const database = join(tempFolder(), "db.sqlite3");
    const writer = await suspendedWriter(database);
    const { code, stdout, stderr } = await sqlock(["explain", "--db", database]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Now, on db\.sqlite3:\n {2}error suspended-holder: /);
    expect((await explained(["--db", database, "suspended-holder"])).document.thisTime).toMatchObject([
      { finding: "suspended-holder" },
    ]);
    writer.resume();
  });

  test("a holder that is no finding is told, with what it blocks; nobody, as nobody", async () => {
    const database = join(tempFolder(), "db.sqlite3");
    const holder = await startHolder();
    await holder.run(connection(database, ...ROLLBACK, ...WRITE));
    expect((await sqlock(["explain", "--db", database, LOCKED])).stdout).toMatch(
      new RegExp(`^  ${holder.pid} .+ holds the write lock`, "m"),
    );
    await holder.run("c.close()");
    expect((await sqlock(["explain", "--db", database, LOCKED])).stdout).toMatch(
      /At this moment no process (?:that can be seen )?has it open/,
    );
  });

  test("in a container that not all could be seen is a note, and no cause", async (context) => {
    need(context, isRoot, "root");
    const database = join(tempFolder(), "db.sqlite3");
    python(`import sqlite3; c = sqlite3.connect(${JSON.stringify(database)}); c.execute("create table t(a)")`);
    const args = ["--db", database, "--elapsed", "0.02s", "--busy-timeout", "5s", LOCKED];
    const inside = { through: ["unshare", "-pf", "--kill-child", "--mount-proc"] };
    const { stdout } = await sqlock(["explain", ...args], inside);
    expect(stdout).toMatch(/^Now, on db\.sqlite3:\n.+no process that can be seen/m);
    expect(stdout).toMatch(/^ {2}Not everything could be seen: /m);
    const { document } = await explained(args, inside);
    expect(document.causes[0]).toMatchObject({ id: "read-became-writer", standing: "fits" });
  });

  test("who holds EXCLUSIVE is not to be killed, though it is no finding", async () => {
    const database = join(tempFolder(), "db.sqlite3");
    const holder = await startHolder();
    await holder.run(connection(database, ...ROLLBACK, "begin exclusive"));
    const { document } = await explained(["--db", database, LOCKED]);
    expect(document.causes[0]).toMatchObject({ id: "exclusive", standing: "this-time" });
    await holder.run("c.close()");
  });

  test("a database that cannot be looked at: the message is still explained, and the exit code is 2", async () => {
    const missing = join(tempFolder(), "none.db");
    const { code, stdout, stderr } = await sqlock(["explain", "--db", missing, LOCKED]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^database is locked\n/);
    expect(stderr).toMatch(/^sqlock: [^\n]*none\.db[^\n]*; [^\n]+\n$/);
    expect(await explained(["--db", missing, LOCKED])).toMatchObject({
      code: 2,
      document: {
        message: { id: "database-is-locked" },
        whoHolds: { databases: [{ error: { code: "no-such-file" } }] },
      },
    });
  });

  test("it leaves the database as it is: no file is made or touched", async () => {
    const folder = mkdtempSync(join(tempFolder(), "x"));
    const database = join(folder, "db.sqlite3");
    python(`import sqlite3; c = sqlite3.connect(${JSON.stringify(database)}); c.execute("create table t(a)")`);
    const before = readFileSync(database);
    await sqlock(["explain", "--db", database]);
    expect(process.getBuiltinModule("node:fs").readdirSync(folder)).toEqual(["db.sqlite3"]);
    expect(readFileSync(database).equals(before)).toBe(true);
  });
});

describe("what is no text", () => {
  async function refused(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const [{ code, stdout, stderr }, { code: same, document }] = await Promise.all([
      sqlock(["explain", ...args], options),
      explained(args, options),
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
    expect({ same, message: document.message }).toEqual({ same: 2, message: null });
    expect(stderr).toBe(`sqlock: ${document.error?.message}; ${document.error?.hint}\n`);
    return document.error?.code ?? "";
  }

  test("none at all (/dev/null), an empty one, binary noise, a wrong time", async () => {
    expect(await refused([])).toBe("usage");
    expect(await refused([""])).toBe("empty-text");
    expect(await refused([], { input: "" })).toBe("empty-text");
    expect(await refused([], { input: "\n \n" })).toBe("empty-text");
    expect(await refused(["-"])).toBe("empty-text");
    expect(await refused([], { input: Buffer.from(Array.from({ length: 9999 }, (_, i) => (i * 7919) & 255)) })).toBe(
      "not-a-text",
    );
    expect(await refused(["--elapsed", "soon", "x"])).toBe("usage");
    expect(await refused(["--busy-timeout", "-1", "x"])).toBe("usage");
    expect(await refused([], { input: Buffer.alloc(100_000) })).toBe("not-a-text");
  });

  test("options that do not go together", async () => {
    expect(await refused(["--db", "a.db", "--db", "b.db", "x"])).toBe("usage");
    expect(await refused(["--list", "x"])).toBe("usage");
    expect(await refused(["--list", "--db", "a.db"])).toBe("usage");
  });

  test("the name of a file: how to read it", async () => {
    const log = join(tempFolder(), "app.log");
    writeFileSync(log, LOCKED);
    expect(await refused([log])).toBe("usage");
    expect((await sqlock(["explain", log])).stderr).toContain(`sqlock explain < ${log}`);
  });

  test("standard input that is a folder", () => {
    const { status, stderr } = spawnSync("sh", ["-c", '"$0" "$1" explain < /', NODE, BIN], { encoding: "utf8" });
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^sqlock: standard input is a folder; [^\n]+\n$/),
    });
  });

  test("with --db, what can be answered is", async () => {
    const database = join(tempFolder(), "db.sqlite3");
    const writer = await suspendedWriter(database);
    const { code, stdout, stderr } = await sqlock(["explain", "--db", database], { input: "" });
    expect(code).toBe(2);
    expect(stdout).toContain("suspended-holder");
    expect(stderr).toBe("sqlock: the text is empty; give the error message or the log, or see sqlock explain --list\n");
    writer.resume();
  });
});

test("who gives no text and does not know that one is waited for is told", async () => {
  const child = spawn(NODE, [BIN, "explain"], { stdio: ["pipe", "ignore", "pipe"] });
  const [told] = (await once(child.stderr, "data")) as [Buffer];
  expect(told.toString()).toMatch(/^sqlock: waiting for text on standard input/);
  const exited = once(child, "exit");
  child.stdin.end(LOCKED);
  expect((await exited)[0]).toBe(0);
});

test("what explain knows is not in the file that every command loads", () => {
  const [{ meaning }] = ENTRIES as [Entry];
  const folder = new URL("../../dist/cli/", import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith(".cjs"));
  const having = files.filter((name) => readFileSync(new URL(name, folder), "utf8").includes(meaning));
  expect(having).toHaveLength(1);
  expect(having).not.toContain("main.cjs");
});

test("colour only repeats what the words say", async () => {
  const coloured = await sqlock(["explain", LOCKED], { env: { FORCE_COLOR: "1", NO_COLOR: "" } });
  expect(coloured.stdout).toContain("\x1b[1m");
  expect(coloured.stdout.replace(/\x1b\[\d+m/g, "")).toBe((await sqlock(["explain", LOCKED])).stdout);
});

test("--help", async () => {
  const { code, stdout } = await sqlock(["explain", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain("2>&1 | sqlock explain --db db.sqlite3");
});
