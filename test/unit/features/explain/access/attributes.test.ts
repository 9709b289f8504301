import { expect, test } from "vitest";
import { parseAttributes } from "../../../../../src/features/explain/access/attributes.ts";

const DB = "/srv/app.db";

test.each<[string, readonly string[], [string, string][]]>([
  ["----i---------e------- /srv/app.db\n--------------e------- /srv\n", ["/srv", DB], [[DB, "immutable"]]],
  ["-----a--------e------- /srv/app.db\n", [DB], [[DB, "append-only"]]],
  ["----ia--------e------- /srv/app.db\n", [DB], [[DB, "immutable"]]],
  ["--------------e------- /srv/app.db\n", [DB], []],
  ["", [DB], []],
  ["lsattr: Operation not supported While reading flags on /srv/app.db\n", [DB], []],
  ["----i--------- /srv/a i /srv/app.db\n", [DB], []], // another file, whose name ends like this
  ["----i--------- /srv/a i/app.db\n", ["/srv/a i/app.db"], [["/srv/a i/app.db", "immutable"]]],
])("%j", (text, paths, expected) => {
  expect([...parseAttributes(text, paths)]).toEqual(expected);
});
