import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type FrozenCgroup, freezerFolders, readFrozenCgroup } from "../../../src/proc/freezer.ts";
import { tempFolder } from "../../support/temp.ts";

const V2 = { type: "cgroup2", mountPoint: "/sys/fs/cgroup", superOptions: "rw" };
const HYBRID = { ...V2, mountPoint: "/sys/fs/cgroup/unified" };
const CPU = { type: "cgroup", mountPoint: "/sys/fs/cgroup/cpu", superOptions: "rw,cpu" };
const V1 = { type: "cgroup", mountPoint: "/sys/fs/cgroup/freezer", superOptions: "rw,freezer" };

test.each<[string, string, (typeof V2)[], FrozenCgroup[]]>([
  ["version 2", "0::/system.slice/a.service\n", [V2], [{ path: "/sys/fs/cgroup/system.slice/a.service", version: 2 }]],
  [
    "both",
    "6:freezer:/docker/0123\n4:memory:/docker/0123\n0::/x\n",
    [CPU, V1, HYBRID],
    [
      { path: "/sys/fs/cgroup/freezer/docker/0123", version: 1 },
      { path: "/sys/fs/cgroup/unified/x", version: 2 },
    ],
  ],
  ["the root is never frozen", "6:freezer:/\n0::/\n", [V1, HYBRID], []],
  ["outside of this cgroup namespace", "0::/../other\n", [V2], []],
  ["not mounted here", "0::/x\n", [CPU], []],
  ["no text", "", [V2], []],
])("where the files are: %s", (_, text, mounts, expected) => {
  expect(freezerFolders(text, mounts)).toEqual(expected);
});

/** A process in the cgroup a/b, and the files of those cgroups. */
function frozenIn(
  version: 1 | 2,
  files: Record<string, string>,
): { readonly root: string; readonly path: string | null } {
  const root = tempFolder();
  const all = { "42/cgroup": version === 2 ? "0::/a/b\n" : "6:freezer:/a/b\n", ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const mount = version === 2 ? { ...V2, mountPoint: root } : { ...V1, mountPoint: root };
  return { root, path: readFrozenCgroup(join(root, "42"), [mount])?.path ?? null };
}

test("version 2: of itself, and of one above", () => {
  const self = frozenIn(2, { "a/b/cgroup.events": "populated 1\nfrozen 1\n", "a/b/cgroup.freeze": "1\n" });
  expect(self.path).toBe(join(self.root, "a/b"));
  const above = { "a/b/cgroup.events": "frozen 1\n", "a/b/cgroup.freeze": "0\n", "a/cgroup.freeze": "1\n" };
  const parent = frozenIn(2, above);
  expect(parent.path).toBe(join(parent.root, "a"));
  expect(frozenIn(2, { "a/b/cgroup.events": "frozen 0\n", "a/b/cgroup.freeze": "1\n" }).path).toBeNull(); // not yet
  expect(frozenIn(2, {}).path).toBeNull();
});

test("version 1", () => {
  const self = frozenIn(1, { "a/b/freezer.state": "FROZEN\n", "a/b/freezer.self_freezing": "1\n" });
  expect(self.path).toBe(join(self.root, "a/b"));
  const above = frozenIn(1, {
    "a/b/freezer.state": "FROZEN\n",
    "a/b/freezer.self_freezing": "0\n",
    "a/freezer.self_freezing": "1\n",
  });
  expect(above.path).toBe(join(above.root, "a"));
  expect(frozenIn(1, { "a/b/freezer.state": "THAWED\n" }).path).toBeNull();
});
