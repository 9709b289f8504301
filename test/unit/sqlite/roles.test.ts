import fc from "fast-check";
import { expect, test } from "vitest";
import { databaseOfCompanion, roleOfPath } from "../../../src/sqlite/roles.ts";

test.each([
  ["/srv/db", "database"],
  ["/srv/db-wal", "wal"],
  ["/srv/db-shm", "shm"],
  ["/srv/db-journal", "journal"],
  ["/srv/db-mj0A1B2C9D3", "super-journal"],
  ["/srv/db-mj0A1B2C8D3", null], // the seventh digit is always 9
  ["/srv/db-mj0a1b2c9d3", null],
  ["/srv/db-mj0A1B2C9D33", null],
  ["/srv/db-mj0A1B2C9D3-mj0A1B2C9D3", null],
  ["/srv/db-walx", null],
  ["/srv/db2", null],
  ["/srv/db2-wal", null],
  ["/srv/d", null],
])("of /srv/db, %s is %s", (path, role) => {
  expect(roleOfPath("/srv/db", path)).toBe(role);
});

test.each([
  ["/srv/db-wal", { database: "/srv/db", role: "wal" }],
  ["db-journal", { database: "db", role: "journal" }],
  ["db-shm-wal", { database: "db-shm", role: "wal" }],
  ["/srv/db-mj0A1B2C9D3", { database: "/srv/db", role: "super-journal" }],
  ["/srv/db", null],
  ["-wal", null],
  ["/srv/-wal", null],
  ["/srv/-mj0A1B2C9D3", null],
])("%s is the companion of %j", (path, expected) => {
  expect(databaseOfCompanion(path)).toEqual(expected);
});

test("property: the two agree", () => {
  const suffix = fc.constantFrom("-wal", "-shm", "-journal", "-mj0A1B2C9D3");
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), suffix, (name, ending) => {
      const path = `/srv/${name}x${ending}`;
      const found = databaseOfCompanion(path);
      expect(found).not.toBeNull();
      if (found !== null) expect(roleOfPath(found.database, path)).toBe(found.role);
    }),
  );
});
