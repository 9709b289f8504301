import { expect, test } from "vitest";
import { UserError } from "../../../../src/errors.ts";
import { type Asker, commandUser } from "../../../../src/features/record/command-user.ts";
import type { User } from "../../../../src/user/user.ts";

const ROOT: User = { uid: 0, gid: 0, name: "root" };
const ANN: User = { uid: 1000, gid: 1000, name: "ann" };
const WEB: User = { uid: 33, gid: 33, name: "web" };

/** 4711 has no name. */
function lookUp(user: string): User | null {
  const found = [ROOT, ANN, WEB].find(({ uid, name }) => user === name || user === String(uid));
  return found ?? (/^\d+$/.test(user) ? { uid: Number(user), gid: 65_534, name: null } : null);
}

const asRoot = (beforeRoot: string | null = null): Asker => ({ uid: 0, mayBecomeOthers: true, beforeRoot });
const ORDINARY: Asker = { uid: 1000, mayBecomeOthers: false, beforeRoot: null };
/** Of unshare -r. */
const ROOT_OF_ONE: Asker = { uid: 0, mayBecomeOthers: false, beforeRoot: null };

test.each<[string, string | null, Asker, ReturnType<typeof commandUser>]>([
  ["sudo: the one who called it", null, asRoot("1000"), { user: ANN, isCaller: true }],
  ["doas: by name", null, asRoot("ann"), { user: ANN, isCaller: true }],
  ["--user wins", "web", asRoot("1000"), { user: WEB, isCaller: false }],
  ["--user of the one who called sudo", "ann", asRoot("1000"), { user: ANN, isCaller: true }],
  ["root, and a user", "33", asRoot(), { user: WEB, isCaller: false }],
  ["a number without a name", "4711", asRoot(), { user: { uid: 4711, gid: 65_534, name: null }, isCaller: false }],
  ["--user root", "root", asRoot(), null],
  ["--user root after sudo", "0", asRoot("1000"), null],
  ["an ordinary user", null, ORDINARY, null],
  ["an ordinary user, with its own name", "ann", ORDINARY, null],
  ["root that has no other users", null, ROOT_OF_ONE, null],
])("%s", (_, asked, asker, expected) => {
  expect(commandUser(asked, asker, lookUp)).toEqual(expected);
});

test.each<[string, string | null, Asker, string]>([
  ["plain root", null, asRoot(), "started by root, the command after -- needs a user"],
  ["an ordinary user, and another one", "web", ORDINARY, "only root can run the command as user web"],
  ["an ordinary user, and root", "root", ORDINARY, "only root can run the command as user root"],
  ["root that has no other users", "web", ROOT_OF_ONE, "only root can run the command as user web"],
  ["no such user", "bob", asRoot("1000"), "there is no user bob"],
  ["no such user, for an ordinary one", "bob", ORDINARY, "there is no user bob"],
  ["no name", "", asRoot(), 'there is no user ""'],
  ["sudo of a user that is gone", null, asRoot("bob"), "there is no user bob"],
  ["the number that means unchanged", "4294967295", asRoot(), "there is no user 4294967295"],
])("refused: %s", (_, asked, asker, message) => {
  const refused = () => commandUser(asked, asker, lookUp);
  expect(refused).toThrow(UserError);
  expect(refused).toThrow(message);
});
