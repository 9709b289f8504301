/** Tests of the kernel's trace events: what they need, and that they leave tracefs as it was. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, type TestContext } from "vitest";
import { inChildPidNamespace } from "../../src/proc/pid-namespace.ts";
import type { LockedFile } from "../../src/trace/filter.ts";
import { isRoot, need } from "./skip.ts";
import { tempFolder } from "./temp.ts";

const CAP_SYS_ADMIN = 1n << 21n;

export function needTracing(context: TestContext): void {
  need(context, isRoot, "root");
  need(context, /\ttracefs$/m.test(readFileSync("/proc/filesystems", "utf8")), "tracefs");
  const capabilities = /^CapEff:\t([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  need(context, (BigInt(`0x${capabilities}`) & CAP_SYS_ADMIN) !== 0n, "CAP_SYS_ADMIN");
  need(context, !inChildPidNamespace("/proc"), "the machine's own pid namespace");
}

const wordsOf = (line: string) => line.split(/[ /:]/);

const linesOf = (path: string) => (existsSync(path) ? readFileSync(path, "utf8").split("\n") : []);

/** The probes of the group of this name. A longer name that begins like it is another one. */
export function probesOf(tracefs: string, name: string): string[] {
  return linesOf(join(tracefs, "uprobe_events")).filter((line) => wordsOf(line).includes(name));
}

function allIn(tracefs: string): string[] {
  const instances = readdirSync(join(tracefs, "instances"));
  return [...instances, ...linesOf(join(tracefs, "uprobe_events")), ...linesOf("/proc/self/mountinfo")];
}

/** Instances, probes and mounts of this name. A longer name that begins like it is another one. */
export function leftOf(tracefs: string, name: string): string[] {
  return allIn(tracefs).filter((line) => wordsOf(line).includes(name));
}

/** Those of all names that a recorder with this pid may have. */
export function leftOfProcess(tracefs: string, pid: number): string[] {
  return allIn(tracefs).filter((line) => wordsOf(line).some((word) => word.startsWith(`sqlock_${pid}_`)));
}

/** A file on a tmpfs of its own: no other program has locks on that device. */
export function lonelyFile(): { path: string; locked: LockedFile } {
  const folder = join(tempFolder(), "alone");
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "none", folder]);
  onTestFinished(() => {
    execFileSync("umount", [folder]);
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, "app.db");
  execFileSync("touch", [path]);
  const { dev, ino } = statSync(path, { bigint: true });
  const device = Number((((dev >> 8n) & 0xfffn) << 20n) | (dev & 0xffn) | ((dev >> 12n) & 0xfff00n));
  return { path, locked: { device, inode: ino } };
}

/** Where tracefs is mounted now; a recorder may have mounted it. */
export function tracefsFolder(): string {
  const mounted = /^\S+ \S+ \S+ \S+ (\S+) .* - tracefs /m.exec(readFileSync("/proc/self/mountinfo", "utf8"))?.[1];
  if (mounted === undefined) throw new Error("tracefs is not mounted");
  return mounted;
}
