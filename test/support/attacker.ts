/** A hostile ordinary user beside root: his folders, his files, and a program that swaps names while root looks. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished, type TestContext } from "vitest";
import { temporaryFiles } from "./check.ts";
import { pythonOf } from "./hold.ts";
import { ROOT } from "./root.ts";
import { isRoot, need } from "./skip.ts";
import { newDatabase } from "./sqlite.ts";
import { tempFolder } from "./temp.ts";

/** Numeric users that have no entry in /etc/passwd. */
export const MALLORY = 61_001;
export const VICTIM = 61_002;

/** Skips the test unless it runs as root, which alone can be attacked. */
export function needRoot(context: TestContext): void {
  need(context, isRoot, "root, and a second user");
}

/** An empty folder of a user; nobody else may write there. */
export function folderOf(uid: number, mode = 0o755): string {
  const folder = join(tempFolder(), String(uid));
  mkdirSync(folder);
  give(folder, uid, mode);
  return folder;
}

/** Makes a file or a folder the user's own. */
export function give(path: string, uid: number, mode?: number): void {
  chownSync(path, uid, uid);
  if (mode !== undefined) chmodSync(path, mode);
}

/** As /tmp is: everybody makes files there, and nobody renames those of others. */
export function stickyFolder(): string {
  const folder = join(tempFolder(), "tmp");
  mkdirSync(folder);
  chmodSync(folder, 0o1777);
  return folder;
}

/** A folder of root's with a file of root's. */
export function secretFolder(): string {
  const folder = join(tempFolder(), "secret");
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, "key"), "secret", { mode: 0o600 });
  return folder;
}

/** A database in a folder of the user's own. */
export function databaseOf(uid: number, mode: "delete" | "wal" = "delete", folder = folderOf(uid)): string {
  const database = newDatabase(mode, folder);
  give(database, uid);
  return database;
}

/** A folder of the victim's with many files. */
export function victimsFiles(): string {
  const folder = folderOf(VICTIM);
  for (let i = 0; i < 300; i++) {
    const file = join(folder, `file-${i}`);
    writeFileSync(file, "x");
    give(file, VICTIM);
  }
  return folder;
}

/** Owner, mode, links, size and times of everything below a folder: what root must not have changed. */
export function stateOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .sort()
    .map((name) => {
      const { uid, gid, mode, nlink, size, mtimeNs, ctimeNs } = lstatSync(join(folder, name), { bigint: true });
      return [name, uid, gid, mode.toString(8), nlink, size, mtimeNs, ctimeNs].join(" ");
    });
}

/** A sticky folder for temporary files, as /tmp is. */
export function stickyTemporaryFiles() {
  const temporary = temporaryFiles();
  chmodSync(temporary.folder, 0o1777);
  return temporary;
}

export interface Racer {
  /** @returns how often names were exchanged. */
  readonly stop: () => Promise<number>;
  /** How often until now. */
  readonly swaps: () => number;
}

interface RacerOptions {
  readonly uid?: number;
  readonly pauseUs?: number;
  /** So many exchanges between two pauses; an odd number leaves the names exchanged every second time. */
  readonly burst?: number;
  /** What to start it through: the namespace of mounts in which the names are. */
  readonly through?: readonly string[];
}

/** Exchanges two names in one system call each time, as the user, until it is stopped. */
export function startRacer(name: string, other: string, options: RacerOptions = {}): Promise<Racer> {
  return start("swap.py", [name, other, String(options.pauseUs ?? 0), String(options.burst ?? 1)], options);
}

/** Exchanges each private folder of sqlock's that appears in a folder with a decoy. */
export function startFolderRacer(folder: string, decoy: string, options: RacerOptions = {}): Promise<Racer> {
  return start("swap_found.py", [folder, decoy], options);
}

/** Plants links, pipes and files under a name all the time, and takes them away again. `own`: a file of the user's. */
export function startPlanter(name: string, target: string, own: string, options: RacerOptions = {}): Promise<Racer> {
  return start("plant.py", [name, target, own], options);
}

async function start(
  script: string,
  args: readonly string[],
  { uid = MALLORY, through = [] }: RacerOptions,
): Promise<Racer> {
  // As text: the user need not be able to read the project.
  const program = readFileSync(join(ROOT, "test/support", script), "utf8");
  const python = [pythonOf(uid), "-S", "-c", program];
  const identity = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
  const [command = "", ...rest] = [...through, "setpriv", ...identity, ...python, ...args];
  const counter = join(tempFolder(), "swaps");
  const fd = openSync(counter, "w");
  const child = spawn(command, rest, { stdio: ["pipe", "pipe", "inherit", fd] });
  closeSync(fd);
  onTestFinished(() => void child.kill("SIGKILL"));
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error("the racer has no pipes");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  if (value !== "ready") throw new Error("the racer did not start");
  return {
    swaps: () => Number(readFileSync(counter, "utf8")),
    stop: async () => {
      stdin.end();
      const { value: swaps } = await lines.next();
      if (child.exitCode === null) await once(child, "exit");
      return Number(swaps);
    },
  };
}
