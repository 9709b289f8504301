/** Recordings of a command with a tracer in it: the file's lines, and where in the script each was. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallSite, RecordingLine } from "../../src/recording/lines.ts";
import { linesOfFile } from "../record/recording.ts";
import { MALLORY } from "./attacker.ts";
import { pythonOf } from "./hold.ts";
import { expectToFit } from "./schema.ts";
import { isRoot } from "./skip.ts";
import { AS_CALLER, type Run, type RunOptions, sqlock } from "./sqlock.ts";
import { tempFolder } from "./temp.ts";

export interface Traced extends Run {
  readonly lines: readonly RecordingLine[];
  /** Of the script. */
  readonly folder: string;
}

/** As an ordinary user, with samples; as root, with the kernel's events, the command as this user too. */
export type Source = "sampled" | "kernel";

export interface TracedScript extends RunOptions {
  readonly source: Source;
  /** The databases are given; else they are those that the command opens. */
  readonly databases?: readonly string[];
  readonly options?: readonly string[];
  /** Of the script; `app.py` where it is left out. */
  readonly name?: string;
  /** What runs it, before its path. */
  readonly through?: readonly string[];
  readonly args?: readonly string[];
  /** Where the script is; a folder of its own where it is left out. */
  readonly folder?: string;
}

/** Where an ordinary user of the tests may write. */
export function folderOfUser(): string {
  const folder = tempFolder();
  chmodSync(folder, 0o777);
  return folder;
}

/** Runs a script in a folder that its user may write to, and reads the recording. */
export async function recordScript(script: string, given: TracedScript): Promise<Traced> {
  const { source, databases = [], options = [], name = "app.py", args = [], folder = folderOfUser(), ...more } = given;
  const { through: program = [pythonOf(MALLORY)], ...run } = more;
  writeFileSync(join(folder, name), script);
  const file = join(tempFolder(), "recording.jsonl");
  const isOther = options.includes("--user");
  const asUser = isRoot && source === "sampled" && !isOther;
  if (asUser) chmodSync(join(file, ".."), 0o777);
  const user = isRoot && !asUser && !isOther ? AS_CALLER : [];
  const words = ["record", "--source", source, "-o", file, "--min-wait", "0", ...user, ...options, ...databases];
  const result = await sqlock([...words, "--", ...program, join(folder, name), ...args], {
    ...{ cwd: folder, ...run },
    ...(asUser ? { uid: MALLORY } : {}),
  });
  const lines = linesOfFile(file);
  expectToFit("record", { schemaVersion: 1, sqlock: "0", lines });
  return { ...result, lines, folder };
}

/** The text of the line that a site names. */
export function textAt(script: string, site: CallSite | null | undefined): string | null {
  return site == null ? null : (script.split("\n")[site.line - 1]?.trim() ?? null);
}

export function linesOf<Type extends RecordingLine["type"]>(
  { lines }: Traced,
  type: Type,
): Extract<RecordingLine, { type: Type }>[] {
  return lines.filter((line): line is Extract<RecordingLine, { type: Type }> => line.type === type);
}
