import { expect, test } from "vitest";
import { ACTIONS } from "../../../src/cli/actions.ts";
import { COMMANDS } from "../../../src/cli/descriptions/index.ts";

test("every described command has an action, and there is no other action", () => {
  expect(Object.keys(ACTIONS).sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});
