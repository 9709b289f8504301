import { expect, test } from "vitest";
import { splitPids } from "../../../src/cli/pid-option.ts";

test.each([
  ["kill --pid 4242 4243 db", "kill --pid=4242 --pid=4243 db"],
  ["kill --pid=4242 db", "kill --pid=4242 db"],
  ["kill db --pid 4242 --pid 4243 --dry-run", "kill db --pid=4242 --pid=4243 --dry-run"],
  ["kill --pid db 5", "kill --pid=db --pid=5"],
  ["kill db --pid", "kill db --pid"],
  ["kill --pid --yes 5", "kill --pid --yes 5"],
  ["kill --pid 1 -- --pid 2", "kill --pid=1 -- --pid 2"],
  ["who-holds -- --pid 2", "who-holds -- --pid 2"],
  ["who-holds 42", "who-holds 42"],
  ["", ""],
])("%s", (given, expected) => {
  expect(splitPids(given.split(" ")).join(" ")).toBe(expected);
});
