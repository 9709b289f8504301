/** How a remedy has SQL run. */
import { expect, test } from "vitest";
import { type SqlTarget, sqlCommand } from "../../../../src/findings/shared/sql.ts";
import { look } from "../../../support/snapshot.ts";

const SQL = "PRAGMA schema_version";

/** A database of user 1000. */
const targetFor = (viewer: number, header: SqlTarget["database"]["header"] = "database"): SqlTarget => {
  const [seen, snapshot] = look({ viewer: { uid: viewer } });
  return { database: { path: "/srv/a b.db", header }, seen, snapshot };
};

test.each([
  [1000, "\n  sqlite3 '/srv/a b.db' 'PRAGMA schema_version'"],
  [1001, "\n  sudo -u '#1000' sqlite3 -init /dev/null '/srv/a b.db' 'PRAGMA schema_version'"],
  [0, "\n  sudo -u '#1000' sqlite3 -init /dev/null '/srv/a b.db' 'PRAGMA schema_version'"],
])("user %d runs it as the owner, on a line of its own", (viewer, expected) => {
  expect(sqlCommand(targetFor(viewer), SQL)).toBe(expected);
});

test("an encrypted database is opened by what has its key", () => {
  expect(sqlCommand(targetFor(1000, "likely-encrypted"), SQL)).toMatch(
    /^ PRAGMA schema_version, with the program that has its key/,
  );
});
