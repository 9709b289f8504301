/** As whom root opens a database: by the owners of its files and folders alone. */
import { expect, test } from "vitest";
import { type Actor, actorOf, type OwnedFiles, openedAsOf, writerOf } from "../../../src/safe-open/actor.ts";
import type { FolderRights } from "../../../src/user/intruder.ts";

const folder = (path: string, mode = 0o755, uid = 0, gid = 0): FolderRights => ({ path, uid, gid, mode });
const ROOTS = [folder("/"), folder("/srv")];
const TMP = [folder("/"), folder("/tmp", 0o1777)];
const [WEB, DB] = [1001, 1002];
const WEBS = [folder("/"), folder("/srv", 0o755, WEB)];

const owner = (uid: number, of: "database" | "companion", folderUid: number | null): Actor => ({
  kind: "owner",
  uid,
  of,
  folderUid,
});
const isolated = (
  intruder: Extract<Extract<Actor, { kind: "isolated" }>["why"], { kind: "folder-of-others" }>["intruder"],
): Actor => ({
  kind: "isolated",
  why: { kind: "folder-of-others", uid: 0, intruder },
});

test.each<[string, Partial<OwnedFiles>, Actor]>([
  ["all is root's", {}, { kind: "caller" }],
  ["so are its companion files", { companionUids: [0, 0] }, { kind: "caller" }],
  ["root's, below a sticky folder of root's", { folders: [...TMP, folder("/tmp/app")] }, { kind: "caller" }],
  [
    "root's, in a sticky folder where everybody may make a journal",
    { folders: TMP },
    isolated({ kind: "everybody", folder: "/tmp" }),
  ],
  ["a user's, in a folder of root's", { uid: WEB }, owner(WEB, "database", 0)],
  ["a user's, in that user's folder", { uid: WEB, folders: WEBS }, owner(WEB, "database", null)],
  ["a user's, in another user's folder", { uid: DB, folders: WEBS }, owner(DB, "database", WEB)],
  [
    "a user's, whoever owns the companion files",
    { uid: WEB, companionUids: [0, DB], folders: WEBS },
    owner(WEB, "database", null),
  ],
  ["root's, in a user's folder", { folders: WEBS }, isolated({ kind: "owner", folder: "/srv", uid: WEB })],
  [
    "root's, below a user's folder",
    { folders: [...WEBS, folder("/srv/app")] },
    isolated({ kind: "owner", folder: "/srv", uid: WEB }),
  ],
  [
    "root's, in a folder where everybody may write",
    { folders: [folder("/"), folder("/srv", 0o777)] },
    isolated({ kind: "everybody", folder: "/srv" }),
  ],
  [
    "root's, in a folder of a group",
    { folders: [folder("/"), folder("/srv", 0o775, 0, 50)] },
    isolated({ kind: "group", folder: "/srv", gid: 50 }),
  ],
  [
    "root's, in a folder of root's group: the bits of the group are also the mask of an ACL",
    { folders: [folder("/"), folder("/srv", 0o775)] },
    isolated({ kind: "group", folder: "/srv", gid: 0 }),
  ],
  ["root's, with a user's companion file", { companionUids: [0, WEB] }, owner(WEB, "companion", 0)],
  [
    "root's, with a user's companion file, where everybody may make one",
    { companionUids: [WEB], folders: TMP },
    isolated({ kind: "everybody", folder: "/tmp" }),
  ],
])("%s", (_, files, expected) => {
  expect(actorOf({ uid: 0, companionUids: [], folders: ROOTS, ...files })).toEqual(expected);
});

test("only an owner is reported", () => {
  expect(openedAsOf({ kind: "caller" })).toBeNull();
  expect(openedAsOf(isolated({ kind: "everybody", folder: "/tmp" }))).toBeNull();
  expect(openedAsOf(owner(WEB, "database", 0))).toEqual({ uid: WEB, of: "database", folderUid: 0 });
});

const WEB_USER = { uid: WEB, gid: WEB, name: "web" };

test.each<[string, readonly FolderRights[], boolean]>([
  ["in a folder of root's", ROOTS, true],
  ["in the owner's own folder", WEBS, true],
  ["in a folder of the owner's own group", [folder("/"), folder("/srv", 0o2775, 0, WEB)], true],
  ["in a folder of another group, or with an ACL", [folder("/"), folder("/srv", 0o2775, 0, 50)], false],
  ["in a sticky folder where everybody may make a journal", TMP, false],
  ["in another user's folder", [folder("/"), folder("/srv", 0o755, DB)], false],
  ["below another user's folder", [folder("/"), folder("/srv", 0o755, DB), folder("/srv/app", 0o755, WEB)], false],
])("a user's database %s is changed by root as its owner, or not at all", (_, folders, changed) => {
  const actor = owner(WEB, "database", null);
  expect(writerOf(actor, WEB_USER, folders)).toEqual(
    changed ? actor : { kind: "isolated", why: { kind: "folder-of-others", uid: WEB, intruder: expect.anything() } },
  );
});
