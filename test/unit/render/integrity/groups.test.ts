import { expect, test } from "vitest";
import { groupsOf } from "../../../../src/render/integrity/groups.ts";
import { problem } from "../../../support/integrity.ts";

test("by table, then by check and index, in the order in which they were found", () => {
  const problems = [
    problem("1", { table: "b" }),
    problem("2", { table: "a", index: "i" }),
    problem("3"),
    problem("4", { table: "b" }),
    problem("5", { table: "b", check: "foreign-keys" }),
    problem("6", { table: "a", index: "j" }),
    problem("7", { table: "a", index: "i" }),
  ];
  const groups = groupsOf(problems).map(({ check, table, index, problems: same }) => [
    check,
    table,
    index,
    same.map(({ message }) => message).join(" "),
  ]);
  expect(groups).toEqual([
    ["structure", "b", null, "1 4"],
    ["foreign-keys", "b", null, "5"],
    ["structure", "a", "i", "2 7"],
    ["structure", "a", "j", "6"],
    ["structure", null, null, "3"],
  ]);
});
