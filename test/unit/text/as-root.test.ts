/** Which commands need sudo, for whom. */
import { expect, test } from "vitest";
import type { Viewer } from "../../../src/model/viewer.ts";
import { asOwnerOf, asOwnersOf, asPermitted, asRoot, asUser, type Owner } from "../../../src/text/as-root.ts";

const KILL = "kill 4242";

test.each<[string, Owner, Viewer, boolean]>([
  ["the user's own process", { uid: 1000 }, { uid: 1000 }, false],
  ["another user's", { uid: 1001 }, { uid: 1000 }, true],
  ["root's", { uid: 0 }, { uid: 1000 }, true],
  ["a hidden one (hidepid)", { uid: null }, { uid: 1000 }, true],
  ["a setuid program that the user has started", { uid: 0, realUid: 1000 }, { uid: 1000 }, false],
  ["a setuid program that another user has started", { uid: 0, realUid: 1001 }, { uid: 1000 }, true],
  ["root, whoever owns it", { uid: 1000 }, { uid: 0 }, false],
  ["root, of a hidden one", { uid: null }, { uid: 0 }, false],
  ["a system without user ids", { uid: null }, { uid: null }, false],
  ["nobody's", { uid: 65534 }, { uid: 1000 }, true],
  ["in a user namespace: one of another user of it", { uid: 1001 }, { uid: 1000, userNamespace: true }, true],
  ["in a user namespace: one from outside", { uid: 65534 }, { uid: 1000, userNamespace: true }, false],
])("%s", (_, process, viewer, expected) => {
  expect(asOwnerOf(process, KILL, viewer)).toBe(expected ? `sudo ${KILL}` : KILL);
});

test("of several processes, one of another user is enough", () => {
  const viewer = { uid: 1000 };
  expect(asOwnersOf([{ uid: 1000 }, { uid: 1001 }], "kill 1 2", viewer)).toBe("sudo kill 1 2");
  expect(asOwnersOf([{ uid: 1000 }, { uid: 1000 }], "kill 1 2", viewer)).toBe("kill 1 2");
  expect(asOwnersOf([], "kill", viewer)).toBe("kill");
});

test.each<[number | null, string]>([
  [0, "chown web '/srv/a b'"],
  [null, "chown web '/srv/a b'"],
  [1000, "sudo chown web '/srv/a b'"],
])("a command that takes root, for user %j: what is quoted stays quoted", (uid, expected) => {
  expect(asRoot("chown web '/srv/a b'", { uid })).toBe(expected);
});

test.each<[number, number | null, string]>([
  [1000, 1000, "sqlite3 a"],
  [1000, 1001, "sudo -u '#1000' sqlite3 a"],
  [1000, 0, "sudo -u '#1000' sqlite3 a"],
  [1000, null, "sqlite3 a"],
  [0, 0, "sqlite3 a"],
  [0, 1000, "sudo sqlite3 a"],
])("a command that user %d has to carry out, for user %j", (uid, viewer, expected) => {
  expect(asUser(uid, "sqlite3 a", { uid: viewer })).toBe(expected);
});

test.each<[string, Viewer, string]>([
  ["an ordinary user", { uid: 1000 }, "sudo sqlock integrity db, or run it as the user that owns it"],
  ["root", { uid: 0 }, "run it as the user that owns it"],
  ["a system without user ids", { uid: null }, "run it as the user that owns it"],
])("where a file may not be read: %s", (_, viewer, expected) => {
  expect(asPermitted("sqlock integrity db", viewer)).toBe(expected);
});
