import { expect, test } from "vitest";
import { asOwner } from "../../../../src/findings/shared/owner.ts";
import { look, targetFile } from "../../../support/snapshot.ts";

test.each([
  [1000, " as the user who owns it (uid 1000), never as root"],
  [0, ""],
])("a remedy that opens the database of user %d says as whom", (uid, expected) => {
  const [{ target }] = look({});
  const files = [targetFile("database", { rights: { mode: 0o644, uid, gid: uid } })];
  expect(asOwner({ target: { ...target, files } })).toBe(expected);
});
