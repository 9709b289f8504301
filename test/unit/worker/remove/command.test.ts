import { expect, it } from "vitest";
import { parseRemoval, removeCommand } from "../../../../src/worker/remove/command.ts";

it.each([
  ["a user with a name", { folder: "/tmp/sqlock-1", user: { uid: 1001, gid: 100, name: "app" } }],
  ["a user without an entry", { folder: "-rf \n ", user: { uid: 61_001, gid: 0, name: null } }],
])("what is told is what is understood: %s", (_, removal) => {
  const [program, script, ...args] = removeCommand(removal);
  expect([program, script]).toEqual([process.execPath, expect.stringMatching(/\/workers\/remove\.cjs$/)]);
  expect(parseRemoval(args)).toEqual(removal);
});

it.each([
  ["no folder", ["", "1", "1", ""]],
  ["root", ["/tmp/sqlock-1", "0", "0", "root"]],
  ["no number", ["/tmp/sqlock-1", "app", "1", ""]],
  ["no group", ["/tmp/sqlock-1", "1"]],
])("nothing is removed with %s", (_, args) => {
  expect(() => parseRemoval(args)).toThrow("no folder, or no user but root");
});
