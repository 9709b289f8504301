/** GNU find as a filter in large systems: no process that must be scanned is left out, and few others remain. */
import { linkSync, mkdirSync, readdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Target } from "../../src/model/snapshot.ts";
import { identify } from "../../src/observe/identify.ts";
import { candidatesByFind } from "../../src/observe/sources/proc/find.ts";
import { describeTarget } from "../../src/observe/target.ts";
import { indexTargetFiles } from "../../src/observe/target-index.ts";
import { startHolder } from "../support/holder.ts";
import { has, need } from "../support/skip.ts";
import { tempFolder } from "../support/temp.ts";

function targetOf(path: string): Target {
  const found = identify(path);
  if (found.kind !== "ok") throw new Error(`${path} is ${found.kind}`);
  return describeTarget(path, path, found.value, []);
}

const pids = () => readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? name : []));

test(
  "find: a holder, one of a deleted file, one of a replaced file with a hard-linked backup; nobody of a file " +
    "beside them",
  async (context) => {
    need(context, has("find"), "findutils");
    const folder = tempFolder();
    const path = join(folder, "db.sqlite3");
    const opening = async (file: string) => {
      const holder = await startHolder();
      await holder.run(`f = os.open(${JSON.stringify(file)}, os.O_RDWR)`);
      return String(holder.pid);
    };
    writeFileSync(path, Buffer.alloc(4096));
    linkSync(path, join(folder, "backup"));
    const replaced = await opening(path);
    writeFileSync(join(folder, "new"), Buffer.alloc(4096));
    renameSync(join(folder, "new"), path);
    const beside = await opening(join(folder, "backup"));
    const deleted = await opening(path);
    unlinkSync(path);
    writeFileSync(path, Buffer.alloc(4096));
    const holder = await opening(path);
    const found = await candidatesByFind("/proc", pids(), indexTargetFiles([targetOf(path)], []));
    expect(found).toEqual(expect.arrayContaining([replaced, deleted, holder]));
    expect(found).not.toContain(beside);
  },
);

test("find: a process whose links cannot be followed, though its folder can be read, is scanned", async (context) => {
  need(context, has("find"), "findutils");
  const folder = tempFolder();
  const path = join(folder, "db.sqlite3");
  for (const name of ["db.sqlite3", "other", "version"]) writeFileSync(join(folder, name), name);
  for (const pid of ["7", "8"]) {
    mkdirSync(join(folder, pid, "fd"), { recursive: true });
    symlinkSync(join(folder, "other"), join(folder, pid, "fd", "0"));
  }
  symlinkSync("/", join(folder, "8", "cwd"));
  const found = await candidatesByFind(folder, ["7", "8"], indexTargetFiles([targetOf(path)], []));
  expect(found).toEqual(["7"]);
});

test("find: another program of that name, or none, is no answer", async () => {
  const { PATH } = process.env;
  onTestFinished(() => {
    process.env["PATH"] = PATH;
  });
  const folder = tempFolder();
  const path = join(folder, "db.sqlite3");
  writeFileSync(path, "");
  process.env["PATH"] = folder;
  const index = indexTargetFiles([targetOf(path)], []);
  expect(await candidatesByFind("/proc", [String(process.pid), String(process.ppid)], index)).toBeNull();
  writeFileSync(join(folder, "find"), "#!/bin/sh\necho incomplete; exit 0\n", { mode: 0o755 });
  expect(await candidatesByFind("/proc", [String(process.pid), String(process.ppid)], index)).toBeNull();
});
