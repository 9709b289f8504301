import { expect, test } from "vitest";
import { ACTIONS } from "../../../src/cli/actions.ts";
import { COMMANDS } from "../../../src/cli/descriptions/index.ts";

test("every command that is described does something, and no other", () => {
  expect(Object.keys(ACTIONS).sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});
