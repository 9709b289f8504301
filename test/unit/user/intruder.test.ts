import { expect, test } from "vitest";
import { type FolderRights, type Intruder, intruderOf, otherWriterOf } from "../../../src/user/intruder.ts";

const folder = (path: string, mode = 0o755, uid = 0, gid = 0): FolderRights => ({ path, uid, gid, mode });
const ROOT = folder("/");
const ROOTS_GROUP: Intruder = { kind: "group", folder: "/srv", gid: 0 };

test.each<[string, readonly FolderRights[], Intruder | null]>([
  ["all is root's", [ROOT, folder("/srv"), folder("/srv/app")], null],
  ["nothing to judge", [], null],
  ["a folder of a user", [ROOT, folder("/srv", 0o700, 1001)], { kind: "owner", folder: "/srv", uid: 1001 }],
  [
    "a folder above is a user's: the last one may be root's own",
    [ROOT, folder("/home/web", 0o755, 1001), folder("/home/web/app")],
    { kind: "owner", folder: "/home/web", uid: 1001 },
  ],
  ["everybody may write", [ROOT, folder("/srv", 0o777)], { kind: "everybody", folder: "/srv" }],
  ["everybody, but the group", [ROOT, folder("/srv", 0o757)], { kind: "everybody", folder: "/srv" }],
  ["sticky, as /tmp", [ROOT, folder("/tmp", 0o1777), folder("/tmp/app")], null],
  [
    "the owner of a sticky folder may rename all in it",
    [ROOT, folder("/srv", 0o1777, 1001)],
    { kind: "owner", folder: "/srv", uid: 1001 },
  ],
  ["a group may write", [ROOT, folder("/srv", 0o775, 0, 50)], { kind: "group", folder: "/srv", gid: 50 }],
  ["root's group may write, or whom an ACL names", [ROOT, folder("/srv", 0o775)], ROOTS_GROUP],
  ["a group may only read", [ROOT, folder("/srv", 0o755, 0, 50)], null],
  ["a sticky folder of a group", [ROOT, folder("/srv", 0o1775, 0, 50)], null],
  ["setgid alone says nothing of who may write", [ROOT, folder("/srv", 0o2755, 0, 50)], null],
  [
    "the first of several is named",
    [ROOT, folder("/a", 0o777), folder("/a/b", 0o755, 1001)],
    { kind: "everybody", folder: "/a" },
  ],
])("%s", (_, folders, expected) => {
  expect(intruderOf(folders)).toEqual(expected);
});

test.each<[string, FolderRights, Intruder | null]>([
  ["only its owner", folder("/srv", 0o755, 1001), null],
  ["everybody, though it is sticky", folder("/tmp", 0o1777), { kind: "everybody", folder: "/tmp" }],
  ["a group, though it is sticky", folder("/srv", 0o1770, 0, 50), { kind: "group", folder: "/srv", gid: 50 }],
  ["root's group", folder("/srv", 0o770), ROOTS_GROUP],
])("who may make a file in a folder: %s", (_, given, expected) => {
  expect(otherWriterOf(given)).toEqual(expected);
});

function at(path: string, uid: number, mode: number, gid = uid): FolderRights {
  return { path, uid, gid, mode };
}

const USER = { uid: 1000, gid: 1000 };

test.each([
  ["root's", [ROOT, at("/srv", 0, 0o755)], null, null],
  ["the user's own", [ROOT, at("/home/u", 1000, 0o755)], "owner", null],
  ["another user's", [ROOT, at("/home/v", 1001, 0o755)], "owner", "owner"],
  ["the user's, in another user's", [ROOT, at("/home/v", 1001, 0o755), at("/home/v/u", 1000, 0o700)], "owner", "owner"],
  ["for everybody", [ROOT, at("/share", 0, 0o777)], "everybody", "everybody"],
  ["for everybody, sticky", [ROOT, at("/tmp", 0, 0o1777)], null, null],
  ["another user's, sticky", [ROOT, at("/tmp", 1001, 0o1777)], "owner", "owner"],
  ["for the user's own group", [ROOT, at("/srv/app", 0, 0o775, 1000)], "group", null],
  ["for another group", [ROOT, at("/srv/app", 0, 0o775, 50)], "group", "group"],
  ["for root's group", [ROOT, at("/srv/app", 0, 0o775, 0)], "group", "group"],
] as const)("a folder, %s", (_, folders, forRoot, forUser) => {
  expect(intruderOf(folders)?.kind ?? null).toBe(forRoot);
  expect(intruderOf(folders, USER)?.kind ?? null).toBe(forUser);
});
