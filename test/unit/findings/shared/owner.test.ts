import { expect, test } from "vitest";
import { asOwner } from "../../../../src/findings/shared/owner.ts";
import { look, targetFile } from "../../../support/snapshot.ts";

test.each([
  [1000, 0, " as the user who owns it (uid 1000), never as root"],
  [1000, 1001, " as the user who owns it (uid 1000), never as root"],
  [1000, 1000, ""],
  [0, 0, ""],
  [0, 1000, ""],
])("a remedy that opens the database of user %d says as whom, to user %d", (uid, viewer, expected) => {
  const [{ target }] = look({});
  const files = [targetFile("database", { rights: { mode: 0o644, uid, gid: uid } })];
  expect(asOwner({ target: { ...target, files } }, { uid: viewer })).toBe(expected);
});
