/**
 * What the drivers' tests fetch: once for each list of pins, into a folder that outlives the run and is shared by all
 * checkouts. SQLOCK_TEST_CACHE names another one.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { TestContext } from "vitest";
import { npmVariables } from "../support/environment.ts";
import { ALL_REQUIRED } from "../support/programs.ts";

const RETRY_AFTER_MS = 5_000;
const LONGEST_COMMAND_MS = 900_000;

export interface Wanted {
  /** Of the folder, with a digest of all below behind it. */
  readonly name: string;
  /** The files that say which versions: others are others' folders. */
  readonly pins: readonly string[];
  /** What else the result depends on: the version of an interpreter, say. The kind of machine always counts. */
  readonly key?: readonly string[];
  /** Fills the folder, which is empty. It is called once more where it fails. */
  readonly make: (folder: string) => Promise<void>;
  /** The network is given this long before the second and last try. */
  readonly retryAfterMs?: number;
}

/** The user's own home folder: what the tests start has an empty one. */
export function realHome(): string {
  return npmVariables()["HOME"] ?? homedir();
}

const folders = new Map<string, Promise<string>>();

/** The folder, filled before or now. The test is skipped where that fails, and fails in CI. */
export async function fetched(context: TestContext, wanted: Wanted): Promise<string> {
  const folder = folderOf(wanted);
  const filled = folders.get(folder) ?? fill(folder, wanted);
  folders.set(folder, filled);
  try {
    return await filled;
  } catch (error) {
    if (ALL_REQUIRED) throw error;
    return context.skip(error instanceof Error ? error.message : String(error));
  }
}

/** Runs a command of a fetch, with the user's own home folder. @throws Error with what it said last. */
export async function run(
  [program = "", ...args]: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<void> {
  const { failed, stderr, shortMessage } = await execa(program, args, {
    cwd,
    env: { ...npmVariables(), ...env },
    stdin: "ignore",
    reject: false,
    timeout: LONGEST_COMMAND_MS,
  });
  if (!failed) return;
  const said = stderr.split("\n").filter((line) => /error/i.test(line));
  throw new Error(`${shortMessage?.split("\n")[0]}: ${said.slice(0, 3).join(" ") || stderr.slice(-300)}`);
}

function folderOf({ name, pins, key = [] }: Wanted): string {
  const parts = [process.platform, process.arch, ...key, ...pins.map((pin) => readFileSync(pin, "utf8"))];
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
  return join(process.env["SQLOCK_TEST_CACHE"] ?? join(realHome(), ".cache/sqlock-tests"), `${name}-${digest}`);
}

async function fill(folder: string, wanted: Wanted): Promise<string> {
  const complete = `${folder}.complete`;
  if (existsSync(complete)) return folder;
  mkdirSync(join(folder, ".."), { recursive: true });
  const unlock = await lock(`${folder}.lock`);
  try {
    if (existsSync(complete)) return folder; // another run was faster
    await made(folder, wanted).catch(async () => {
      await sleep(wanted.retryAfterMs ?? RETRY_AFTER_MS);
      await made(folder, wanted).catch((error: Error) => {
        throw new Error(`${wanted.name} cannot be fetched: ${error.message}`);
      });
    });
    writeFileSync(complete, "");
    return folder;
  } finally {
    unlock();
  }
}

async function made(folder: string, { make }: Wanted): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  await make(folder);
}

/** Held by flock(1) until it is called or this process ends, so that no crash leaves it behind. */
async function lock(path: string): Promise<() => void> {
  const child = spawn("flock", [path, "sh", "-c", "echo locked; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`flock ${path} ended with ${code}`);
  });
  await Promise.race([once(child.stdout, "data"), ended]);
  ended.catch(() => {}); // it ends when it is told to
  return () => child.stdin.end();
}
