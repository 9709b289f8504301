import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SafeWalk, type Way } from "../../../src/observe/safe-walk.ts";
import { type MountIndex, mountIndex } from "../../../src/proc/mount-index.ts";
import { readMountinfo } from "../../../src/proc/mountinfo.ts";
import { valueOr } from "../../../src/proc/read.ts";
import { tempFolder } from "../../support/temp.ts";

function walkOf(change: Partial<Way> = {}): SafeWalk {
  const index = mountIndex(valueOr(readMountinfo("/proc/self"), []));
  const walk = new SafeWalk({ root: "", index, foreign: false, ...change });
  onTestFinished(() => walk.close());
  return walk;
}

function tree(): string {
  const folder = tempFolder();
  mkdirSync(join(folder, "a/b"), { recursive: true });
  writeFileSync(join(folder, "a/b/file"), "x");
  symlinkSync("../a/b", join(folder, "a/relative"));
  symlinkSync(join(folder, "a"), join(folder, "absolute"));
  symlinkSync("circle", join(folder, "circle"));
  return folder;
}

test.each([
  ["a/b/file", false, "ok", "a/b/file"],
  ["a/b", false, "ok", "a/b"],
  ["./a//b/../b/file", true, "ok", "a/b/file"],
  ["a/none", false, "gone", null],
  ["a/none/file", false, "gone", null],
  ["a/b/file/x", false, "gone", null],
  ["a/relative", false, "ok", "a/relative"],
  ["a/relative/file", false, "link", null],
  ["a/relative/file", true, "ok", "a/b/file"],
  ["absolute/relative", true, "ok", "a/b"],
  ["circle", true, "elsewhere", null],
] as const)("%s (follow: %s): %s", (path, follow, kind, real) => {
  const folder = tree();
  const walk = walkOf();
  for (const _ of ["first", "again"]) {
    const seen = walk.lookUp(join(folder, path.startsWith(".") ? "." : "", path), { follow });
    expect(seen.kind).toBe(kind);
    if (seen.kind === "ok") expect(seen.path).toBe(join(folder, real ?? ""));
  }
});

/** As if another mount were at that folder. */
function withMount(index: MountIndex, point: string, type: string): MountIndex {
  const [first] = index.values();
  if (first === undefined) throw new Error("no mount");
  return new Map([...index, [point, { ...first, id: -1, mountPoint: point, type }]]);
}

test.each([
  ["nfs4", false],
  ["fuse", false],
  ["autofs", false],
  ["overlay", true],
  ["ext4", false], // by text there is a mount, and what was found lies on another
])("nothing is asked of a mount of type %s (foreign: %s)", (type, foreign) => {
  const folder = tree();
  const { index } = walkOf().way;
  const walk = walkOf({ index: withMount(index, join(folder, "a/b"), type), foreign });
  expect(walk.lookUp(join(folder, "a/b/file")).kind).toBe("elsewhere");
  expect(walk.lookUp(join(folder, "a/relative/file"), { follow: true }).kind).toBe("elsewhere");
  expect(walk.lookUp(join(folder, "a")).kind).toBe("ok");
});
