/** A path is followed as the kernel follows it, and each link on it is told with its owner. */
import { chownSync, lchownSync, mkdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { walkPath } from "../../src/observe/path-walk.ts";
import { readMountinfo } from "../../src/proc/mountinfo.ts";
import { valueOr } from "../../src/proc/read.ts";
import { NOBODY } from "../support/namespace.ts";
import { isRoot, need } from "../support/skip.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

const mounts = valueOr(readMountinfo("/proc/self"), []);
const walk = (path: string) => walkPath(path, mounts);

let folder = "";

beforeEach(() => {
  folder = tempFolder();
  mkdirSync(join(folder, "a/b"), { recursive: true });
  writeFileSync(join(folder, "a/b/db"), "");
  symlinkSync("a/b", join(folder, "relative"));
  symlinkSync(join(folder, "a"), join(folder, "absolute"));
  symlinkSync("../../absolute/./b/", join(folder, "a/b/up"));
  symlinkSync("missing/db", join(folder, "dangling"));
  symlinkSync("loop", join(folder, "loop"));
});

test.each([
  ["a/b/db", []],
  ["relative/db", ["relative"]],
  ["absolute/b/../b/db", ["absolute"]],
  ["relative/up/db", ["relative", "a/b/up", "absolute"]],
  ["absolute/b/up/../../relative/db", ["absolute", "a/b/up", "absolute", "relative"]],
])("%s", (path, links) => {
  const found = walk(`${folder}//${path}`);
  expect(found.path).toBe(realpathSync.native(join(folder, "a/b/db")));
  expect(found.links.map((link) => link.path)).toEqual(links.map((link) => join(folder, link)));
  const { ino, dev } = statSync(join(folder, "a/b/db"), { bigint: true });
  expect(found.file).toMatchObject({ inode: ino, device: dev, names: 1, uid: process.geteuid?.() });
  expect(found.folder).toMatchObject({ inode: statSync(join(folder, "a/b"), { bigint: true }).ino });
});

test("a folder; what is not there; what is no folder; a loop", () => {
  expect(walk(join(folder, "relative"))).toMatchObject({ path: join(folder, "a/b"), file: null });
  expect(walk(join(folder, "dangling"))).toMatchObject({ path: join(folder, "missing/db"), file: null });
  expect(walk(join(folder, "none/of/it"))).toMatchObject({ path: join(folder, "none/of/it"), file: null, links: [] });
  expect(walk(join(folder, "a/b/db/more"))).toMatchObject({ path: join(folder, "a/b/db/more"), file: null });
  expect(walk(join(folder, "loop")).file).toBeNull();
  expect(walk("/").path).toBe("/");
});

test("links of /proc lead where the kernel says", () => {
  const db = join(folder, "a/b/db");
  expect(walk(`/proc/self/root${db}`)).toMatchObject({ path: db, file: { inode: statSync(db, { bigint: true }).ino } });
  expect(walk("/proc/self/cwd").path).toBe(process.cwd());
});

test("whose a link is, not whose its target", (context) => {
  need(context, isRoot, "root, to give files away");
  lchownSync(join(folder, "relative"), NOBODY, NOBODY);
  chownSync(join(folder, "a/b/db"), 1234, 1234);
  expect(walk(join(folder, "relative/db"))).toMatchObject({ links: [{ uid: NOBODY }], file: { uid: 1234 } });
});

test("a link that was set this very moment is not settled", async () => {
  const link = join(folder, "new");
  // On a busy machine the clock may have gone on before the walk.
  await until("one was walked in time", () => {
    rmSync(link, { force: true });
    symlinkSync("a/b/db", link);
    return !walk(link).settled;
  });
  await until("the clock has gone on", () => walk(link).settled);
});

test("no descriptor is left open", () => {
  const count = () => process.getBuiltinModule("node:fs").readdirSync("/proc/self/fd").length;
  const before = count();
  for (const path of ["relative/up/db", "dangling", "loop", "a/b/db/more", "none"]) walk(join(folder, path));
  walk(`/proc/self/root${folder}/relative/db`);
  expect(count()).toBe(before);
});
