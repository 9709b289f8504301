/** `sqlock kill`, as a script runs it. */
import type { KillDocument } from "../../src/render/kill/document.ts";
import type { Json } from "./json.ts";
import { expectToFit } from "./schema.ts";
import { type RunOptions, sqlock } from "./sqlock.ts";

export type KillAnswer = Json<KillDocument> & { readonly code: number | undefined };

/** A process gets a minute to end, where --grace does not say it: on a busy machine its 5 s may be too few. */
export async function killJson(args: readonly string[], options: RunOptions = {}): Promise<KillAnswer> {
  const grace = args.includes("--grace") ? [] : ["--grace", "1m"];
  const { code, stdout, stderr } = await sqlock(["kill", "--json", ...grace, ...args], options);
  if (stdout === "") throw new Error(`no document: ${stderr}`);
  const report = JSON.parse(stdout) as Json<KillDocument>;
  expectToFit("kill", report);
  return { ...report, code };
}

/** Whether a process runs: one that has ended and was not asked for by its parent does not. */
export async function runs(pid: number): Promise<boolean> {
  const { readFile } = await import("node:fs/promises");
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}
