/**
 * A mount namespace of a test's own: what is mounted in it is gone with its last process, whatever happens to the test.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { type Holder, startHolder } from "./holder.ts";
import { until } from "./until.ts";

export interface MountNamespace {
  /** Keeps it alive; may hold locks as well. */
  readonly keeper: Holder;
  /** To start a program in it; its pid stays that of the program. */
  readonly through: readonly string[];
  /** The same, as the user `nobody`. */
  readonly throughAsNobody: readonly string[];
  /** Runs a program in it, and returns what it prints. */
  readonly run: (...command: readonly string[]) => string;
}

export const NOBODY = 65534;

export const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];

export async function mountNamespace(): Promise<MountNamespace> {
  const keeper = await startHolder({ through: ["unshare", "-m", "--propagation", "private"] });
  const through = ["nsenter", "-t", String(keeper.pid), "-m", "--"];
  return {
    keeper,
    through,
    throughAsNobody: [...through, ...AS_NOBODY],
    run: (...command) =>
      execFileSync("nsenter", [...through.slice(1), ...command], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      }),
  };
}

/** A file system of its own in an image that is mounted in the namespace, and gone with it. */
export function mountImage(space: MountNamespace, image: string, point: string, type: "btrfs" | "ext4"): void {
  execFileSync("truncate", ["-s", "128M", image]);
  execFileSync(`mkfs.${type}`, ["-q", image]);
  space.run("mkdir", "-p", point);
  space.run("mount", "-o", "loop", image, point);
}

/** bindfs shows `source` at `point`, through FUSE. @returns the pid of its daemon; it is killed when the test ends. */
export async function mountFuse(
  space: MountNamespace,
  source: string,
  point: string,
  options: readonly string[] = [],
): Promise<number> {
  const [program = "", ...args] = [...space.through, "bindfs", "-f", ...options, source, point];
  const daemon = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  onTestFinished(async () => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    const exited = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await exited;
  });
  await until(`${point} is mounted`, () => mountsOf(space.keeper.pid).includes(` ${point} `));
  if (daemon.pid === undefined) throw new Error("bindfs did not start");
  return daemon.pid;
}

function mountsOf(pid: number): string {
  return readFileSync(`/proc/${pid}/mountinfo`, "utf8");
}
