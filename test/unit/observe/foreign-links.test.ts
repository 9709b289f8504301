/** Which links root follows before it changes or signals something. */
import { expect, test } from "vitest";
import { foreignLinkError, foreignLinkOf } from "../../../src/observe/foreign-links.ts";
import { type FileOnPath, ownerIn, type PathWalk } from "../../../src/observe/path-walk.ts";

const [ROOT, OWNER, MALLORY] = [0, 1001, 1002];

const file = (change: Partial<FileOnPath> = {}): FileOnPath => ({
  device: 1n,
  inode: 2n,
  uid: OWNER,
  mode: 0o644,
  names: 1,
  ...change,
});

/** The real path of the file; or, with links, the way that was given. */
function walk(linkOwners: readonly number[], change: Partial<PathWalk> = {}): PathWalk {
  const links = linkOwners.map((uid, i) => ({ path: `/links/${i}`, uid }));
  const folder = file({ inode: 3n, mode: 0o755, names: 2 });
  return { path: "/srv/app/db", links, file: file(), folder, settled: true, ...change };
}

const folder = (uid: number, mode = 0o755) => file({ inode: 3n, uid, mode, names: 2 });

test.each<[string, readonly PathWalk[], string | null]>([
  ["no link", [walk([]), walk([])], null],
  ["a link of root", [walk([ROOT]), walk([])], null],
  ["a link of the owner (a deploy's current)", [walk([OWNER]), walk([])], null],
  ["a link of somebody else", [walk([MALLORY]), walk([])], "/links/0"],
  ["the last of several is somebody else's", [walk([ROOT, OWNER, MALLORY]), walk([])], "/links/2"],
  ["the first of several is somebody else's", [walk([MALLORY, ROOT]), walk([])], "/links/0"],
  ["a link that came after the path was resolved", [walk([]), walk([MALLORY])], "/links/0"],
  ["root's own file, by another user's link", [walk([MALLORY]), walk([], { file: file({ uid: ROOT }) })], "/links/0"],
  ["his own file, by his own link", [walk([MALLORY]), walk([], { file: file({ uid: MALLORY }) })], null],
  ["no file: the folder's owner counts", [walk([OWNER]), walk([], { file: null })], null],
  ["no file, and somebody else's link", [walk([MALLORY]), walk([], { file: null })], "/links/0"],
])("%s", (_, walks, expected) => {
  const found = foreignLinkOf(walks);
  expect(found?.kind === "link" ? found.link.path : found).toBe(expected);
});

test.each<[string, Partial<PathWalk>, boolean]>([
  ["in the owner's folder", { folder: folder(OWNER) }, false],
  ["in root's folder", { folder: folder(ROOT) }, false],
  ["in somebody else's folder", { folder: folder(MALLORY) }, true],
  ["in a folder where everybody may write", { folder: folder(ROOT, 0o1777) }, true],
  ["in a folder where a group may write", { folder: folder(OWNER, 0o775) }, true],
])("a file with two names, %s: foreign %#", (_, change, foreign) => {
  const one = walk([], change);
  expect(foreignLinkOf([one])).toBeNull();
  const two = walk([], { file: file({ names: 2 }), ...change });
  expect(foreignLinkOf([two])?.kind).toBe(foreign ? "hard-link" : undefined);
});

test("the error says whose the link is, where it leads, and what to type", () => {
  const names = (uid: number) => (uid === MALLORY ? "mallory" : "web");
  const link = { path: "/home/mallory/current", uid: MALLORY };
  const { code, message, hint, exitCode } = foreignLinkError(
    { kind: "link", link, resolved: "/srv/my app/db", direct: true, owner: OWNER },
    names,
  );
  expect({ code, exitCode }).toEqual({ code: "foreign-link", exitCode: 2 });
  expect(message).toBe(
    "/home/mallory/current is a link that mallory owns, to /srv/my app/db of web: root follows a link only where " +
      "root or the owner of its target made it",
  );
  expect(hint).toBe("if that file is meant, give its path: '/srv/my app/db'");
  const inContainer = { kind: "link", link, resolved: "/db", direct: false, owner: OWNER } as const;
  expect(foreignLinkError(inContainer, names).hint).toBe("give a path without that link, or run sqlock as web");
  expect(foreignLinkOf([walk([MALLORY]), walk([])])).toMatchObject({ direct: true });
  expect(foreignLinkOf([walk([MALLORY]), walk([MALLORY])])).toMatchObject({ direct: false });
  const hard = foreignLinkError({ kind: "hard-link", resolved: "/tmp/db", owner: OWNER, names: 2 }, names);
  expect(hard.message).toMatch(/^\/tmp\/db is one of 2 names \(hard links\) of a file of web, in a folder where/);
});

test.each([
  [undefined, 1001, 1001],
  [{ type: "ext4", superOptions: "rw,user_id=1002" }, 1001, 1001],
  [{ type: "fuse.sshfs", superOptions: "rw,user_id=1002,group_id=1002" }, 0, 1002],
  [{ type: "fuse", superOptions: "rw,user_id=0,group_id=0" }, 1001, 1001],
  [{ type: "fuseblk", superOptions: "rw" }, 1001, 1001],
])("whose a file is in a file system (%#)", (mount, uid, expected) => {
  expect(ownerIn(mount, uid)).toBe(expected);
});
