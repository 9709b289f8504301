import { expect, test } from "vitest";
import { type FolderRights, intruderOf } from "../../../src/user/intruder.ts";

const ROOT: FolderRights = { path: "/", uid: 0, gid: 0, mode: 0o755 };

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
  ["for root's group", [ROOT, at("/srv/app", 0, 0o775, 0)], null, null],
] as const)("a folder, %s", (_, folders, forRoot, forUser) => {
  expect(intruderOf(folders)?.kind ?? null).toBe(forRoot);
  expect(intruderOf(folders, USER)?.kind ?? null).toBe(forUser);
});
