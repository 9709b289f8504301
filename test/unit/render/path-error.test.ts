import { expect, test } from "vitest";
import { pathErrorLine } from "../../../src/render/path-error.ts";

test("one line, whatever the path has in it", () => {
  const error = { code: "no-such-file", message: "x\x07 does not exist", hint: "check\nthe path" };
  expect(pathErrorLine({ error })).toBe("sqlock: x\\x07 does not exist; check\\nthe path\n");
});
