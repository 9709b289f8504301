/** Overlays beside a mount that never answers: a look by root does not wait for it. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { literal } from "../support/connection.ts";
import { pythonOf } from "../support/hold.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { AS_NOBODY, type MountNamespace, mountNamespace, NOBODY } from "../support/namespace.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";
import { lookAt } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/** Longer than a look, and shorter than a mount that never answers. */
const TIMEOUT_MS = 8000;

const MOUNT = `import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def mount(source, point, kind, options):
    if libc.mount(source.encode(), point.encode(), kind.encode(), 0, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), point)
`;

/** A FUSE file system whose daemon answers nothing; gone when the test ends. */
async function mountDead(space: MountNamespace, point: string): Promise<void> {
  const daemon = await startHolder({ through: space.through });
  await daemon.run(`${MOUNT}
fuse = os.open("/dev/fuse", os.O_RDWR)
mount("dead", ${literal(point)}, "fuse", f"fd={fuse},rootmode=40000,user_id=0,group_id=0,allow_other")`);
}

async function namespace(context: TestContext): Promise<MountNamespace> {
  need(context, isRoot, "root");
  const space = await mountNamespace();
  const fuse = await space.keeper.run(`import os\nanswer = os.access("/dev/fuse", os.W_OK)`);
  need(context, fuse === true, "/dev/fuse");
  return space;
}

/** An ordinary user's process with mounts of its own. */
async function startUser(context: TestContext, space: MountNamespace): Promise<Holder> {
  need(context, has("setpriv"), "setpriv");
  // a Python that this user may read takes the place of the other
  const python = ["sh", "-c", 'shift; exec "$0" "$@"', pythonOf(NOBODY)];
  const mine = [...space.through, ...AS_NOBODY, "unshare", "-Urm", "--", ...python];
  return await startHolder({ through: mine }).catch(() => context.skip("needs user namespaces"));
}

test("an ordinary user's overlay has a layer where this namespace has a dead mount", async (context) => {
  const space = await namespace(context);
  const [folder, shared] = [tempFolder(), tempFolder()];
  const dead = join(folder, "dead");
  mkdirSync(dead);
  const [unrelated, inLayer] = [newDatabase(), newDatabase("delete", shared)];
  const user = await startUser(context, space);
  await user.run(`${MOUNT}
mount("t", ${literal(folder)}, "tmpfs", "")
for name in ("dead", "m"): os.mkdir(${literal(folder)} + "/" + name)
mount("o", ${literal(join(folder, "m"))}, "overlay", "lowerdir=${dead}:${shared}")`);
  await mountDead(space, dead);
  const options = { through: space.through, timeoutMs: TIMEOUT_MS };
  const seen = await lookAt(unrelated, [], options);
  expect(seen.views).toBeUndefined();
  // his overlay is not looked into: who uses the database there is not known
  const layer = await lookAt(inLayer, [], options);
  expect(layer.views).toMatchObject([{ mountPoint: join(folder, "m"), reachedAt: null }]);
});

test("a dead mount covers a folder of an overlay", async (context) => {
  const space = await namespace(context);
  const folder = tempFolder();
  const [lower, other, merged] = ["lower", "other", "merged"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [lower, other, merged, join(lower, "app"), join(lower, "beside")]) mkdirSync(path);
  const database = newDatabase("delete", join(lower, "app"));
  const beside = newDatabase("delete", join(lower, "beside"));
  const link = join(folder, "l"); // as Docker names layers
  symlinkSync("lower", link);
  space.run("mount", "-t", "overlay", "overlay", "-o", `lowerdir=${link}:${other}`, merged);
  await mountDead(space, join(merged, "app"));
  const options = { timeoutMs: TIMEOUT_MS };
  expect((await lookAt(database, [], options)).views).toBeUndefined();
  expect((await lookAt(beside, [], options)).views).toMatchObject([{ kind: "merged", mountPoint: merged }]);
});
