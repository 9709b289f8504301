import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { ENTRIES } from "../../../../src/features/explain/entries/index.ts";
import type { Entry } from "../../../../src/features/explain/entry.ts";
import { LIBRARIES, type LibraryId } from "../../../../src/features/explain/libraries.ts";
import { FINDINGS } from "../../../../src/findings/index.ts";
import { tempFolder } from "../../../support/temp.ts";

/** The ids of the entries that know a line of the text. */
function knownAs(text: string): string[] {
  const lines = text.split("\n");
  return ENTRIES.filter((entry) => entry.wordings.some(({ pattern }) => lines.some((line) => pattern.test(line)))).map(
    (entry) => entry.id,
  );
}

const EXAMPLES = ENTRIES.flatMap((entry) => entry.examples.map((example) => ({ entry, ...example })));

/** Every result code of sqlite3.h, extended ones computed: `#define SQLITE_BUSY_SNAPSHOT (SQLITE_BUSY | (2<<8))`. */
function codesOfHeader(): Map<string, number> {
  const root = path.dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json"));
  const header = readFileSync(path.join(root, "deps/sqlite3/sqlite3.h"), "utf8");
  const codes = new Map<string, number>();
  for (const [, name, number] of header.matchAll(/^#define (SQLITE_[A-Z]+) +(\d+) +\/\*/gm))
    codes.set(String(name), Number(number));
  for (const [, name, primary, high] of header.matchAll(
    /^#define (SQLITE_\w+) +\((SQLITE_[A-Z]+) *\| *\((\d+)<<8\)\)/gm,
  )) {
    codes.set(String(name), (codes.get(String(primary)) ?? Number.NaN) | (Number(high) << 8));
  }
  return codes;
}

/** The entries of a result code alone, whose message is SQLite's text for it (sqlite3_errstr). */
const OF_RESULT_CODES = [
  "database-is-locked",
  "database-table-is-locked",
  "readonly-database",
  "unable-to-open",
  "disk-io-error",
  "malformed",
  "not-a-database",
  "disk-full",
  "locking-protocol",
];

describe("entries", () => {
  it("have ids of their own, in kebab case, and so have their causes", () => {
    const kebab = /^[a-z]+(?:-[a-z]+)*$/;
    expect(new Set(ENTRIES.map((entry) => entry.id)).size).toBe(ENTRIES.length);
    for (const entry of ENTRIES) {
      expect(entry.id).toMatch(kebab);
      expect(entry.causes.length, entry.id).toBeGreaterThan(0);
      expect(new Set(entry.causes.map((cause) => cause.id)).size, entry.id).toBe(entry.causes.length);
      for (const cause of entry.causes) expect(cause.id).toMatch(kebab);
    }
  });

  it("have the names and numbers of sqlite3.h", () => {
    const header = codesOfHeader();
    expect(header.get("SQLITE_BUSY_SNAPSHOT")).toBe(517);
    for (const { id, code, extended } of ENTRIES) {
      if (code !== null) expect(header.get(code.name), `${id}: ${code.name}`).toBe(code.number);
      for (const each of extended) {
        expect(header.get(each.name), `${id}: ${each.name}`).toBe(each.number);
        expect(each.number & 0xff, `${id}: ${each.name}`).toBe(code?.number);
      }
    }
  });

  it("know every extended code of their result code", () => {
    const header = [...codesOfHeader()];
    for (const id of OF_RESULT_CODES) {
      const entry = ENTRIES.find((each) => each.id === id);
      const known = entry?.extended.map((each) => each.number).sort((a, b) => a - b);
      const defined = header
        .map(([, number]) => number)
        .filter((number) => number > 255 && (number & 0xff) === entry?.code?.number);
      expect(known, id).toEqual(defined.sort((a, b) => a - b));
    }
  });

  it("name the causes that an extended code leaves by their ids", () => {
    for (const entry of ENTRIES) {
      const causes = entry.causes.map((cause) => cause.id);
      for (const { name, causes: possible = [] } of entry.extended)
        expect(causes, `${entry.id}: ${name}`).toEqual(expect.arrayContaining([...possible]));
    }
  });

  it("put first, of those with the same code, the one that the code alone stands for", () => {
    for (const id of OF_RESULT_CODES) {
      const code = ENTRIES.find((entry) => entry.id === id)?.code?.number;
      expect(ENTRIES.find((entry) => entry.code?.number === code)?.id).toBe(id);
    }
  });

  it("lead from every finding of who-holds that is more than information to a message that it explains", () => {
    const shown = new Set(ENTRIES.flatMap((entry) => entry.causes.flatMap((cause) => cause.findings)));
    const serious = FINDINGS.filter(({ severity }) => severity !== "info").map(({ id }) => id);
    expect(serious.filter((id) => !shown.has(id))).toEqual([]);
  });

  it("say what to run on the database, with DATABASE for its path and no other stand-in", () => {
    for (const entry of ENTRIES) {
      expect(entry.next.length, entry.id).toBeGreaterThan(0);
      for (const command of entry.next) {
        if (command.startsWith("sqlock who-holds")) expect(command).toContain(" DATABASE");
        expect(command).not.toMatch(/<\w+>|\bPATH\b|\bdb\.sqlite3?\b/);
      }
    }
  });

  it("are short enough to be read in passing", () => {
    const sentences = (text: string) => text.split(/[.:;](?:\s|$)/).length;
    for (const entry of ENTRIES) {
      expect(entry.meaning.length, entry.id).toBeLessThanOrEqual(400);
      for (const cause of entry.causes) {
        for (const text of [cause.tell, cause.cure]) {
          expect(text.length, `${entry.id} ${cause.id}: ${text}`).toBeLessThanOrEqual(300);
          expect(sentences(text), `${entry.id} ${cause.id}: ${text}`).toBeLessThanOrEqual(7);
        }
        for (const { text } of cause.code ?? []) {
          for (const line of text.split("\n"))
            expect(line.length, `${entry.id} ${cause.id}: ${line}`).toBeLessThanOrEqual(86);
        }
        expect(cause.what.length, `${entry.id} ${cause.id}`).toBeLessThanOrEqual(80);
      }
    }
  });

  it("never advise what makes it worse", () => {
    for (const entry of ENTRIES) {
      for (const cause of entry.causes) {
        const advice = [cause.cure, ...(cause.code ?? []).map((each) => each.text)].join("\n");
        expect(advice, `${entry.id} ${cause.id}`).not.toMatch(
          /\brm\b|\breboot|\bkill -(?:9|KILL)\b|chmod (?:-R )?777|(?:delete|remove) (?:the )?-?(?:wal|shm|journal)\b/i,
        );
      }
    }
  });
});

describe("wordings", () => {
  it.each(EXAMPLES.map(({ entry, library, text }) => [entry.id, library, text] as const))(
    "%s, of %s: %s",
    (id, _library, text) => {
      expect(knownAs(text)).toEqual([id]);
    },
  );

  it("are each met in an example, of their own library where they have one", () => {
    const unmet = ENTRIES.flatMap((entry) =>
      entry.wordings
        .filter(
          ({ pattern, library }) =>
            !entry.examples.some(
              (example) =>
                (library === undefined || library === example.library) &&
                example.text.split("\n").some((line) => pattern.test(line)),
            ),
        )
        .map(({ pattern }) => `${entry.id}: ${pattern}`),
    );
    expect(unmet).toEqual([]);
  });

  it("name no library for what another says in an example", () => {
    const wrong = EXAMPLES.flatMap(({ entry, library, text }) =>
      entry.wordings
        .filter(
          (wording) =>
            wording.library !== undefined &&
            wording.library !== library &&
            text.split("\n").some((line) => wording.pattern.test(line)),
        )
        .map((wording) => `${wording.pattern} is not of ${library}: ${text}`),
    );
    expect(wrong).toEqual([]);
  });

  it("have examples of every library for every result code", () => {
    const all = (Object.keys(LIBRARIES) as LibraryId[]).filter((library) => library !== "postgresql").sort();
    for (const id of OF_RESULT_CODES) {
      expect(
        [...new Set(EXAMPLES.filter(({ entry }) => entry.id === id).map(({ library }) => library))].sort(),
        id,
      ).toEqual(all);
    }
  });

  it("have examples whose text tells the extended code that they claim", () => {
    for (const { entry, extended, text } of EXAMPLES) {
      if (extended === undefined) continue;
      const code = entry.extended.find((each) => each.number === extended);
      expect(text.includes(String(extended)) || (code !== undefined && text.includes(code.name)), text).toBe(true);
    }
  });

  it.each([
    "The database is locked down at night.",
    "INFO the user database is locked for maintenance",
    "database is unlocked",
    "Database connection closed.",
    "disk I/O errors: 0",
    "We use the two-phase locking protocol (2PL) here.",
    "a locking protocol is needed",
    "Chapter 3: locking protocol of the bus",
    "Operations timed out after `10s`. Context: Socket timeout (the database failed to respond to a query within " +
      "the configured timeout — see https://pris.ly/d/mysql-connector)",
    "n8n ready; Database connection timed out",
    "The shop is closed; its database is not open to the public.",
    "WARN  buffer I/O error on dev sda1",
    "psql: connection is closed",
    "SELECT 'all fine'",
    "",
  ])("leave alone: %s", (line) => {
    expect(knownAs(line)).toEqual([]);
  });

  /** Characters; a pattern that is quadratic takes more than a minute for so many. */
  const LONG = 300_000;

  it("are linear in the length of a line", () => {
    const long = (text: string) => text.repeat(Math.ceil(LONG / text.length)).slice(0, LONG);
    for (const entry of ENTRIES) {
      for (const { pattern } of entry.wordings) {
        const words =
          entry.examples.flatMap((example) => example.text.split("\n")).find((line) => pattern.test(line)) ?? "";
        const start = pattern.exec(words)?.[0] ?? "";
        // What almost matches, over and over: the whole but its last letter, its first half, its first letter; and
        // blanks.
        for (const text of [
          start.slice(0, -1),
          start.slice(0, Math.ceil(start.length / 2)),
          start.slice(0, 1),
          " ",
          ": ",
          "'",
        ]) {
          if (text === "") continue;
          const line = long(text);
          const began = performance.now();
          pattern.test(line);
          expect(performance.now() - began, `${pattern} on ${JSON.stringify(text)}`).toBeLessThan(2000);
        }
      }
    }
  });

  it("have no flags that keep a state", () => {
    for (const entry of ENTRIES)
      for (const { pattern } of entry.wordings) expect(pattern.flags, `${pattern}`).not.toMatch(/[gy]/);
  });
});

describe("what SQLite really says", () => {
  /** Each provokes its message in a database with a table t of two rows. */
  const PROVOKED: Record<string, (db: Database.Database, file: string) => void> = {
    "database-is-locked": (db, file) => {
      db.exec("BEGIN IMMEDIATE");
      const other = new Database(file, { timeout: 0 });
      try {
        other.exec("INSERT INTO t VALUES (3)");
      } finally {
        other.close();
      }
    },
    "readonly-database": (db) => {
      db.pragma("query_only = 1");
      db.exec("INSERT INTO t VALUES (3)");
    },
    "unable-to-open": (_db, file) => void new Database(path.dirname(file)),
    malformed: (db) => {
      db.unsafeMode(true);
      db.pragma("writable_schema = 1");
      db.exec("UPDATE sqlite_schema SET rootpage = 99");
      db.pragma("writable_schema = RESET");
      db.exec("SELECT * FROM t");
    },
    "not-a-database": (_db, file) => {
      writeFileSync(`${file}.txt`, "not a database ".repeat(100));
      const other = new Database(`${file}.txt`);
      try {
        other.pragma("schema_version");
      } finally {
        other.close();
      }
    },
    "disk-full": (db) => {
      db.pragma("max_page_count = 2");
      db.exec("CREATE TABLE u (x)");
    },
    "nested-transaction": (db) => db.exec("BEGIN; BEGIN"),
    "no-transaction": (db) => db.exec("COMMIT"),
    "commit-in-progress": (db) => {
      db.unsafeMode(true);
      db.exec("BEGIN");
      for (const _ of db.prepare("INSERT INTO t VALUES (3), (4) RETURNING x").iterate()) db.exec("COMMIT");
    },
    "database-table-is-locked": (db) => {
      db.unsafeMode(true);
      for (const _ of db.prepare("SELECT * FROM t").iterate()) db.exec("DROP TABLE t");
    },
    "wal-in-transaction": (db) => {
      db.exec("BEGIN");
      db.pragma("journal_mode = WAL");
    },
    "safety-level": (db) => {
      db.exec("BEGIN");
      db.pragma("synchronous = OFF");
    },
    "closed-database": (db) => {
      db.close();
      db.exec("SELECT 1");
    },
  };

  it.each(Object.entries(PROVOKED))("%s", (id, provoke) => {
    const file = path.join(tempFolder(), "app.db");
    const db = new Database(file);
    db.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)");
    let said: Error | undefined;
    try {
      provoke(db, file);
    } catch (error) {
      said = error as Error;
    } finally {
      db.close();
    }
    expect(knownAs(String(said))).toEqual([id]);
    const code = (said as { code?: string } | undefined)?.code;
    const entry = ENTRIES.find((each) => each.id === id) as Entry;
    expect([undefined, entry.code?.name, ...entry.extended.map((each) => each.name)]).toContain(code);
  });
});
