import { expect, test } from "vitest";
import { locationIn, uriPath } from "../../../../src/render/integrity/file-location.ts";

const CONTEXT = { cwd: "/srv/repo/app", root: "/srv/repo" };

test.each([
  ["a path below the current folder", "db.sqlite3", "app/db.sqlite3", "/srv/repo/app/db.sqlite3"],
  ["with a leading ./", "./db.sqlite3", "app/db.sqlite3", "/srv/repo/app/db.sqlite3"],
  ["beside the current folder", "../db.sqlite3", "db.sqlite3", "/srv/repo/db.sqlite3"],
  ["an absolute path", "/srv/repo/db.sqlite3", "db.sqlite3", "/srv/repo/db.sqlite3"],
  ["outside the root", "/srv/other/db.sqlite3", null, "/srv/other/db.sqlite3"],
  ["above the root", "../../db.sqlite3", null, "/srv/db.sqlite3"],
  ["a folder whose name begins as the root's", "/srv/repository/db.sqlite3", null, "/srv/repository/db.sqlite3"],
  ["the root itself", "..", null, "/srv/repo"],
  ["the folder above it", "../..", null, "/srv"],
  ["a name that begins with two dots", "/srv/repo/..db", "..db", "/srv/repo/..db"],
])("%s", (_, path, relative, absolute) => {
  expect(locationIn(path, CONTEXT)).toEqual({ relative, absolute });
});

test("the root of the file system", () => {
  expect(locationIn("/db.sqlite3", { cwd: "/", root: "/" }).relative).toBe("db.sqlite3");
});

test.each([
  ["app/db.sqlite3", "app/db.sqlite3"],
  ["/srv/my db", "/srv/my%20db"],
  ["a:b%c#d?e", "a%3Ab%25c%23d%3Fe"],
  ["é", "%C3%A9"],
  ["a\nb", "a%0Ab"],
  ["half \ud800 a pair", "half%20%EF%BF%BD%20a%20pair"],
])("%j as the path of a URI", (path, expected) => {
  expect(uriPath(path)).toBe(expected);
});
