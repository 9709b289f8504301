import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keyOfOpenFileLock, ownersOfOpenFiles } from "../../../../src/features/kernel-source/open-file-owners.ts";
import { tempFolder } from "../../../support/temp.ts";

const KEY = keyOfOpenFileLock({
  ...{ api: "ofd", type: "write", device: "253:1", inode: 42n, start: 120n, end: 120n, waiting: false },
});
const lockLine = (more: string) => `flags:\t02\nmnt_id:\t5\nino:\t42\nlock:\t1: ${more}\n`;

/** A /proc: by its path below it, what a descriptor's fdinfo says. */
function procOf(descriptors: Readonly<Record<string, readonly [link: string, info: string]>>): string {
  const proc = tempFolder();
  writeFileSync(join(proc, "locks"), "");
  for (const [path, [link, info]] of Object.entries(descriptors)) {
    const [directory = "", fd = ""] = path.split(" ");
    for (const folder of ["fd", "fdinfo"]) mkdirSync(join(proc, directory, folder), { recursive: true });
    symlinkSync(link, join(proc, directory, "fd", fd));
    writeFileSync(join(proc, directory, "fdinfo", fd), info);
  }
  return proc;
}

test("the processes whose descriptors show the lock, and no others", async () => {
  const held = lockLine("OFDLCK ADVISORY  WRITE -1 fd:01:42 120 120");
  const proc = procOf({
    "70001 3": ["/srv/app.db-shm", held],
    "70001 4": ["/srv/app.db-shm", held],
    "70002 7": ["/srv/app.db-shm (deleted)", held],
    "70003 3": ["/srv/app.db-shm", lockLine("OFDLCK ADVISORY  READ -1 fd:01:42 120 120")],
    "70004 3": ["/mnt/app.db-shm", lockLine("OFDLCK ADVISORY  WRITE -1 fd:02:42 120 120")],
    "70005 3": ["/srv/app.db-shm", lockLine("POSIX  ADVISORY  WRITE 70005 fd:01:42 120 120")],
    "70006 3": ["socket:[1]", held],
  });
  const { pids, complete } = await ownersOfOpenFiles(new Set([KEY]), proc);
  expect([[...pids], complete]).toEqual([[[KEY, [70001, 70002]]], true]);
});

test("a process whose main thread has exited shows its descriptors in another thread", async () => {
  const proc = procOf({
    "70001/task/70009 3": ["/srv/app.db-shm", lockLine("OFDLCK ADVISORY  WRITE -1 fd:01:42 120 120")],
  });
  mkdirSync(join(proc, "70001/fd"));
  mkdirSync(join(proc, "70001/task/70001/fd"), { recursive: true });
  expect([...(await ownersOfOpenFiles(new Set([KEY]), proc)).pids]).toEqual([[KEY, [70001]]]);
});
