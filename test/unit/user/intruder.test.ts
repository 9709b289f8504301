import { expect, test } from "vitest";
import { type FolderRights, type Intruder, intruderOf, otherWriterOf } from "../../../src/user/intruder.ts";

const folder = (path: string, mode = 0o755, uid = 0, gid = 0): FolderRights => ({ path, uid, gid, mode });
const ROOT = folder("/");

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
  ["root's group may write", [ROOT, folder("/srv", 0o775)], null],
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
  ["root's group", folder("/srv", 0o770), null],
])("who may make a file in a folder: %s", (_, given, expected) => {
  expect(otherWriterOf(given)).toEqual(expected);
});
