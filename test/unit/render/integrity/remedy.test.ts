import { describe, expect, test } from "vitest";
import type { Problem } from "../../../../src/features/integrity/report.ts";
import { remedyOf } from "../../../../src/render/integrity/remedy.ts";
import { problem } from "../../../support/integrity.ts";

const remedy = (...problems: Problem[]) => remedyOf("/srv/my app/db.sqlite3", problems, false) ?? "";
const missing = (index: string) => problem(`row 1 missing from index ${index}`, { table: "t", index });
const orphan = problem("x", { check: "foreign-keys", table: "o", rowid: 1n, parent: "c" });
const page = problem("Tree 2 page 7: btreeInitPage() returns error code 11", { table: "t", page: 7 });

test("no problem, no remedy", () => {
  expect(remedyOf("db", [], false)).toBeNull();
});

describe("REINDEX", () => {
  test("of each index once, quoted for SQLite and for the shell", () => {
    expect(remedy(missing("i"), missing("i"), missing("it's"), missing('a"b'))).toContain(
      "sqlite3 '/srv/my app/db.sqlite3' 'REINDEX i; REINDEX \"it'\\''s\"; REINDEX \"a\"\"b\"'.",
    );
  });

  test("of all of them where there are many", () => {
    expect(remedy(...["a", "b", "c", "d", "e"].map(missing))).toContain("sqlite3 '/srv/my app/db.sqlite3' REINDEX.");
  });

  test("is not advised where pages of tables are damaged as well", () => {
    expect(remedy(missing("i"), page)).not.toContain("REINDEX");
    expect(remedy(missing("i"), page)).toContain("Restore the last intact backup");
  });

  test("says what to do where it fails on the pages of the index", () => {
    expect(
      remedy(problem("Tree 3 page 6: btreeInitPage() returns error code 11", { table: "t", index: "i", page: 6 })),
    ).toContain("sqlite3 '/srv/my app/db.sqlite3' .dump | sqlite3 new.db, then sqlock integrity new.db.");
  });
});

test("foreign keys alone need no copy and no repair; beside damage they are not forgotten", () => {
  expect(remedy(orphan)).not.toContain("Before any repair");
  expect(remedy(orphan, page)).toMatch(/^Before any repair.*Rows of o refer to rows of c that do not exist/);
  expect(remedy(orphan, missing("i"))).toMatch(/REINDEX i.*Rows of o refer to rows of c/);
});

test("where not all problems are known, that comes first", () => {
  expect(remedyOf("db", [missing("i")], true)).toMatch(/^First check again with a larger --max-problems:/);
});

test("a virtual table's index, quoted", () => {
  expect(
    remedy(problem("malformed inverted index for FTS5 table main.d", { check: "virtual-tables", table: "my docs" })),
  ).toContain("sqlite3 '/srv/my app/db.sqlite3' 'INSERT INTO \"my docs\"(\"my docs\") VALUES('\\''rebuild'\\'')'");
});
