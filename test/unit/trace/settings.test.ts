import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Settings } from "../../../src/trace/settings.ts";
import { tempFolder } from "../../support/temp.ts";
import { until } from "../../support/until.ts";

test("while a setting cannot be read at once, nothing else waits for it", async () => {
  const folder = tempFolder();
  const pids = join(folder, "set_event_pid");
  execFileSync("mkfifo", [pids]); // whoever reads it waits, as where the kernel keeps its lock
  const settings = new Settings(folder, join(folder, "instance"));
  expect(settings.isLocked).toBe(false);
  settings.tryRead();
  settings.tryRead();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(settings.isLocked).toBe(true);
  closeSync(openSync(pids, "w"));
  await until("it was read", () => !settings.isLocked);
});

test("where there is nothing to read, nothing is locked: a look finds that the instance is gone", async () => {
  const folder = join(tempFolder(), "none");
  const settings = new Settings(folder, folder);
  settings.tryRead();
  await until("it was tried", () => !settings.isLocked);
  expect(settings.areKept).toBe(false);
});

test("as it was set, or not", () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "events/filelock/posix_lock_inode"), { recursive: true });
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  write("tracing_on", "1\n");
  write("set_event", "filelock:posix_lock_inode\nours:step_1\n");
  write("events/filelock/posix_lock_inode/filter", "s_dev == 8\n");
  const settings = new Settings(folder, folder);
  settings.note("filelock/posix_lock_inode", true);
  settings.note("ours/step_1", true);
  settings.noteFilter("filelock/posix_lock_inode", "s_dev == 8");
  expect(settings.areKept).toBe(true);
  for (const [file, text, before] of [
    ["tracing_on", "0", "1"],
    ["set_event", "filelock:posix_lock_inode", "filelock:posix_lock_inode\nours:step_1\n"],
    ["set_event_pid", "1", ""],
    ["events/filelock/posix_lock_inode/filter", "s_dev == 9", "s_dev == 8"],
  ] as const) {
    write(file, text);
    expect(settings.areKept).toBe(false);
    write(file, before);
    expect(settings.areKept).toBe(true);
  }
});
