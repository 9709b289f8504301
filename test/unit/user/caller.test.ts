import { expect, test } from "vitest";
import { userBeforeRoot } from "../../../src/user/caller.ts";

test.each<[NodeJS.ProcessEnv, string | null]>([
  [{ SUDO_UID: "1000", SUDO_USER: "ann" }, "1000"],
  [{ DOAS_USER: "ann" }, "ann"],
  [{ PKEXEC_UID: "1001" }, "1001"],
  [{ SUDO_UID: "1000", PKEXEC_UID: "1001" }, "1000"],
  [{ SUDO_UID: "0" }, null],
  [{ DOAS_USER: "root" }, null],
  [{ SUDO_UID: "" }, null],
  [{ SUDO_USER: "ann" }, null],
  [{}, null],
])("%j: who has become root is %j", (env, expected) => {
  expect(userBeforeRoot(env)).toBe(expected);
});
