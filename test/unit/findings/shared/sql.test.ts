/** How a remedy has SQL run. */
import { expect, test } from "vitest";
import { sqlCommand } from "../../../../src/findings/shared/sql.ts";

test("by sqlite3, on a line of its own; an encrypted database by what has its key", () => {
  const plain = sqlCommand({ path: "/srv/a b.db", header: "database" }, "PRAGMA schema_version");
  expect(plain).toBe("\n  sqlite3 '/srv/a b.db' 'PRAGMA schema_version'");
  const encrypted = sqlCommand({ path: "/srv/a b.db", header: "likely-encrypted" }, "PRAGMA schema_version");
  expect(encrypted).toMatch(/^ PRAGMA schema_version, with the program that has its key/);
});
