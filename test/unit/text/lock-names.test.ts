import { expect, test } from "vitest";
import { lockNames } from "../../../src/text/lock-names.ts";
import { lock } from "../../support/report.ts";

test("each name once, the strongest first", () => {
  const names = ["DMS", "SHARED", "READ2", "WRITE", "SHARED"] as const;
  expect(lockNames(names.map((name) => lock(name)))).toBe("WRITE, READ2, SHARED, DMS");
  expect(lockNames([])).toBe("");
});
