/** A schema that calls what writes, loads or reads by address: nobody who only looks runs any of it. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { expect, type TestContext, test } from "vitest";
import { has, need } from "../support/skip.ts";
import { SOAK } from "../support/soak.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/** A library that leaves a file behind as soon as somebody loads it. */
function traceableLibrary(context: TestContext, marker: string): string {
  need(context, has("cc"), "cc");
  const folder = tempFolder();
  const [source, library] = [join(folder, "evil.c"), join(folder, "evil.so")];
  writeFileSync(
    source,
    `#include <fcntl.h>\n__attribute__((constructor)) static void run(void) { open("${marker}", O_CREAT, 0600); }\n`,
  );
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, source]);
  return library;
}

/** In every place of a schema that has an expression. SQLite itself refuses to make some: they are written in. */
function hostileSchema(call: string): Record<string, string> {
  return {
    checked: `CREATE TABLE checked(a CHECK (${call} IS NULL OR 1))`,
    generated: `CREATE TABLE generated(a, b GENERATED ALWAYS AS (${call}) VIRTUAL)`,
    defaulted: `CREATE TABLE defaulted(a, b DEFAULT (${call}))`,
    indexed: "CREATE TABLE indexed(a)",
    on_expression: `CREATE INDEX on_expression ON indexed(a, ${call})`,
    partial: `CREATE INDEX partial ON indexed(a) WHERE ${call}`,
    viewed: `CREATE VIEW viewed AS SELECT ${call} AS a`,
    triggered: `CREATE TRIGGER triggered AFTER INSERT ON indexed BEGIN SELECT ${call}; END`,
    before_delete: `CREATE TRIGGER before_delete BEFORE DELETE ON checked BEGIN SELECT ${call}; END`,
  };
}

/** `only`: the names in the schema whose texts have the call; all of them where it is left out. */
function hostileDatabase(call: string, only?: readonly string[]): string {
  const path = join(tempFolder(), "db.sqlite3");
  const db = new Database(path);
  db.exec(`CREATE TABLE checked(a); CREATE TABLE generated(a, b); CREATE TABLE defaulted(a, b); CREATE TABLE indexed(a);
    CREATE INDEX on_expression ON indexed(a, a); CREATE INDEX partial ON indexed(a);
    CREATE VIEW viewed AS SELECT 1 AS a;
    CREATE TRIGGER triggered AFTER INSERT ON indexed BEGIN SELECT 1; END;
    CREATE TRIGGER before_delete BEFORE DELETE ON checked BEGIN SELECT 1; END;
    INSERT INTO checked VALUES (1); INSERT INTO generated VALUES (1, 2); INSERT INTO defaulted VALUES (1, 2);
    INSERT INTO indexed VALUES (1)`);
  db.unsafeMode(true);
  db.pragma("writable_schema = 1");
  const change = db.prepare("UPDATE sqlite_schema SET sql = ? WHERE name = ?");
  for (const [name, sql] of Object.entries(hostileSchema(call)))
    if (only?.includes(name) ?? true) change.run(sql, name);
  db.close();
  return path;
}

const STRESS = ["--duration", "200ms", "--writers", "1", "--readers", "1"];

/** Where a constraint has such a call, SQLite refuses the schema as it reads it; not where a view or a trigger has. */
const UNTIL_USED = ["viewed", "triggered", "before_delete"];

test("load_extension, writefile, readfile, edit, fts3_tokenizer", async (context) => {
  const marker = join(tempFolder(), "marker");
  const library = traceableLibrary(context, marker);
  const load = `load_extension('${library}')`;
  for (const [call, only, commands] of [
    [load, UNTIL_USED, ["integrity", "stress"]],
    [load, undefined, ["integrity", "journal-mode", "stress"]],
    [`writefile('${marker}', 'x')`, undefined, SOAK ? ["integrity", "journal-mode", "stress"] : ["integrity"]],
    [`edit('x', 'touch ${marker}')`, undefined, SOAK ? ["integrity", "journal-mode", "stress"] : []],
    ["fts3_tokenizer('simple', x'4141414141414141')", undefined, SOAK ? ["integrity", "stress"] : ["integrity"]],
  ] as const) {
    const database = hostileDatabase(call, only);
    for (const command of commands) {
      const what = `${command}, ${call}`;
      const { code, stdout, stderr } = await sqlock([
        command,
        "--json",
        database,
        ...(command === "stress" ? STRESS : []),
      ]);
      expect([0, 1, 2], `${what}: ${stderr}`).toContain(code);
      if (only !== undefined) expect(code, `${what}: ${stdout}`).toBe(0);
      expect(() => JSON.parse(stdout) as unknown, `${what}: ${stderr}`).not.toThrow();
      expect(stdout + stderr, what).not.toMatch(/SIGSEGV|SIGABRT|this is a bug/);
      expect(existsSync(marker), what).toBe(false);
      expect(readdirSync(dirname(database)), what).toEqual(["db.sqlite3"]);
    }
  }
});
