import { expect, test } from "vitest";
import { ROLES } from "../../../src/sqlite/roles.ts";
import { fileName } from "../../../src/text/role.ts";

test("a companion file by its suffix, the others by their role", () => {
  expect(ROLES.map((role) => [role, fileName(role)])).toEqual([
    ["database", "database"],
    ["wal", "-wal"],
    ["shm", "-shm"],
    ["journal", "-journal"],
    ["super-journal", "super-journal"],
  ]);
});
