import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseArgument } from "../../../src/observe/argument.ts";
import { CODE_POINT } from "../../support/code-point.ts";

const MEMORY = null;

/** The path that an argument means; null for a database in memory. */
function pathOf(text: string): string | null {
  const argument = parseArgument(text);
  return argument.kind === "memory" ? MEMORY : argument.path;
}

describe("plain paths stay as they are", () => {
  test.each([
    "db.sqlite3",
    "/srv/app/db",
    "./-wal",
    "a b?c#d%20e",
    "C:x",
    "sqlite",
    "sqlite.db",
    "sqlite3",
    "postgres://host/db",
    "memory",
    "jdbc:",
    "x:memory:",
    "/srv/file:x",
  ])("%s", (text) => {
    expect(parseArgument(text)).toEqual({ kind: "path", path: text, literal: null });
  });

  test(":memory: is none", () => {
    expect(parseArgument(":memory:")).toEqual({ kind: "memory" });
  });
});

describe("file: URIs, as SQLite reads them", () => {
  test.each<[string, string | null]>([
    ["file:data.db", "data.db"],
    ["file:data.db?mode=ro&cache=private", "data.db"],
    ["file:/home/fred/data.db", "/home/fred/data.db"],
    ["file:///home/fred/data.db", "/home/fred/data.db"],
    ["file://localhost/home/fred/data.db", "/home/fred/data.db"],
    ["file:///home/fred/data.db#fragment", "/home/fred/data.db"],
    ["file:a%20b.db", "a b.db"],
    ["file:%2Fsrv%2Fdb", "/srv/db"],
    ["file:k%C3%A4se.db?x=%3f", "käse.db"],
    ["file:what%3f.db?mode=rw", "what?.db"],
    ["file:a#b?mode=memory", "a"],
    ["FILE:data.db", "data.db"],
    ["file:a.db?mode=memory", MEMORY],
    ["file:a.db?cache=shared&mode=memory", MEMORY],
    ["file:/a.db?vfs=memdb", MEMORY],
    ["file::memory:", MEMORY],
    ["file::memory:?cache=shared", MEMORY],
    ["file:", MEMORY],
    ["file:?mode=ro", MEMORY],
    ["file://localhost", MEMORY],
    ["file:///:memory:", "/:memory:"],
    ["file:memory", "memory"],
  ])("%s", (uri, path) => {
    expect(pathOf(uri)).toBe(path);
  });

  test("what is no escape stays, and does not keep others from being one", () => {
    expect(pathOf("file:100%.db")).toBe("100%.db");
    expect(pathOf("file:100%25.db")).toBe("100%.db");
    expect(pathOf("file:a%20b%zz%2.db")).toBe("a b%zz%2.db");
    expect(pathOf("file:%ff.db")).toBe("%ff.db"); // not UTF-8
  });

  test("an escaped NUL ends the path, as in SQLite", () => {
    expect(pathOf("file:a.db%00b")).toBe("a.db");
    expect(pathOf("file:%00b")).toBe(MEMORY);
  });

  test("the argument itself may be the name of a file", () => {
    expect(parseArgument("file:data.db")).toEqual({ kind: "path", path: "data.db", literal: "file:data.db" });
  });
});

describe("URLs of frameworks and drivers", () => {
  test.each<[string, string | null]>([
    ["sqlite:///db.sqlite3", "db.sqlite3"], // SQLAlchemy, dj-database-url: three slashes and a relative path
    ["sqlite:////srv/app/db.sqlite3", "/srv/app/db.sqlite3"],
    ["sqlite+aiosqlite:///app.db", "app.db"],
    ["sqlite+pysqlcipher:////srv/app.db?cipher=aes-256-cfb", "/srv/app.db"],
    ["sqlite+pysqlite:///file:/srv/app.db?mode=ro&uri=true", "/srv/app.db"],
    ["sqlite:///file::memory:?cache=shared&uri=true", MEMORY],
    ["sqlite:///file:x?mode=memory&uri=true", MEMORY],
    ["sqlite://", MEMORY],
    ["sqlite:///", MEMORY],
    ["sqlite:///:memory:", MEMORY],
    ["sqlite::memory:", MEMORY], // sqlx
    ["sqlite://app.db", "app.db"],
    ["sqlite://app.db?mode=rwc", "app.db"],
    ["sqlite:app.db", "app.db"],
    ["sqlite:/srv/app.db", "/srv/app.db"],
    ["sqlite3:db/development.sqlite3", "db/development.sqlite3"], // Rails
    ["sqlite3:///srv/app.db?pool=5&timeout=5000", "/srv/app.db"], // Rails: absolute
    ["sqlite3:/srv/app.db", "/srv/app.db"],
    ["sqlite3:////srv/app.db", "/srv/app.db"],
    ["sqlite3://app.db", "app.db"],
    ["sqlite3:///:memory:", MEMORY],
    ["SQLite:///app.db", "app.db"],
    ["jdbc:sqlite:sample.db", "sample.db"],
    ["jdbc:sqlite:/srv/sample.db", "/srv/sample.db"],
    ["jdbc:sqlite::memory:", MEMORY],
    ["jdbc:sqlite:file:/srv/sample.db?mode=ro", "/srv/sample.db"],
    ["jdbc:sqlite:", MEMORY],
    ["sqlite:///my%20app.db", "my app.db"],
    ["sqlite:///a.db%00x", "a.db"],
  ])("%s", (url, path) => {
    expect(pathOf(url)).toBe(path);
  });

  test("the argument itself may be the name of a file", () => {
    expect(parseArgument("sqlite:app.db")).toMatchObject({ literal: "sqlite:app.db" });
    expect(parseArgument("jdbc:sqlite:file:app.db")).toMatchObject({
      path: "app.db",
      literal: "jdbc:sqlite:file:app.db",
    });
  });
});

const anyArgument = fc
  .tuple(
    fc.constantFrom("", "file:", "file://", "sqlite:", "sqlite:///", "sqlite+x:", "jdbc:sqlite:", "sqlite:file:"),
    fc.string({ unit: CODE_POINT }),
  )
  .map(([scheme, rest]) => scheme + rest);

test("property: never throws, and never makes a path that no system call takes", () => {
  fc.assert(
    fc.property(anyArgument, (text) => {
      const argument = parseArgument(text);
      if (argument.kind === "path" && !text.includes("\0")) {
        expect(argument.path).not.toContain("\0");
        expect([null, text]).toContain(argument.literal);
      }
    }),
    { numRuns: 1000 },
  );
});

test("property: a path survives the way through a URI", () => {
  const path = fc
    .string({ unit: "grapheme", minLength: 1 })
    .filter((text) => text !== ":memory:" && !text.includes("\0") && text === Buffer.from(text).toString());
  fc.assert(
    fc.property(path, (text) => {
      expect(pathOf(`file:/${encodeURIComponent(text)}`)).toBe(`/${text}`);
      expect(pathOf(`sqlite:////${encodeURIComponent(text)}?timeout=5`)).toBe(`/${text}`);
    }),
  );
});
