/** The built program, run as a user runs it. */

import { execa } from "execa";
import { inject } from "vitest";
import type { WhoHoldsDatabase, WhoHoldsDocument } from "../../src/index.ts";
import { BIN, NODE } from "./bin.ts";

export { BIN, NODE };

/** For a command of record: it runs as the user who runs the tests. */
export const AS_CALLER: readonly string[] = process.geteuid?.() === 0 ? ["--user", "root"] : [];

export interface Run {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly uid?: number;
  readonly env?: Record<string, string>;
  /** Its standard input; otherwise there is none (/dev/null). */
  readonly input?: string | Uint8Array;
  /** What to start it through: `["unshare", "-m"]`. */
  readonly through?: readonly string[];
  /** It is ended after so long, which is a failure of the test; LONGEST_MS where it is left out. */
  readonly timeoutMs?: number;
  /** The copy that every user may read: `through` makes it another one's. */
  readonly open?: boolean;
}

/** Less than the time of a test, which is to say what has not ended. */
const LONGEST_MS = 100_000;

/** `sqlock ARGS`, with no colours and no width of a terminal. */
export async function sqlock(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const [program = "", ...rest] = [
    ...(options.through ?? []),
    NODE,
    options.uid === undefined && options.open !== true ? BIN : inject("openBin"),
    ...args,
  ];
  const { timeoutMs = LONGEST_MS } = options;
  const result = await execa(program, rest, {
    reject: false,
    stripFinalNewline: false,
    timeout: timeoutMs,
    env: { NO_COLOR: "1", FORCE_COLOR: undefined, ...options.env },
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  if (result.timedOut)
    throw new Error(`sqlock ${args.join(" ")} has not ended within ${timeoutMs} ms: ${result.stderr}`);
  return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** `sqlock who-holds --json ARGS`, parsed. */
export async function whoHolds(args: readonly string[], options: RunOptions = {}): Promise<WhoHoldsDocument> {
  const { stdout, stderr } = await sqlock(["who-holds", "--json", ...args], options);
  if (stdout === "") throw new Error(`no document: ${stderr}`);
  return JSON.parse(stdout) as WhoHoldsDocument;
}

/** The one database of a document. */
export async function lookAt(
  path: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<WhoHoldsDatabase> {
  const [database] = (await whoHolds([...args, path], options)).databases;
  if (database === undefined || "error" in database) throw new Error(`no answer: ${JSON.stringify(database)}`);
  return database;
}

/** The one holder with this pid. */
export function holderOf(database: WhoHoldsDatabase, pid: number): WhoHoldsDatabase["holders"][number] {
  const found = database.holders.filter((holder) => holder.pid === pid);
  const [holder] = found;
  if (holder === undefined || found.length > 1)
    throw new Error(`${pid} is listed ${found.length} times: ${JSON.stringify(database.holders)}`);
  return holder;
}

/** Names of locks, sorted, as `SHARED:read`. */
export function lockNames(holder: {
  readonly locks: readonly { readonly name: string; readonly type: string }[];
}): string[] {
  return holder.locks.map((lock) => `${lock.name}:${lock.type}`).sort();
}

/** Ids of the findings, in order. */
export function findingIds(database: WhoHoldsDatabase): string[] {
  return database.findings.map((finding) => finding.id);
}
