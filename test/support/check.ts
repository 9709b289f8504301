/** `sqlock integrity`, as a user runs it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseCheck, IntegrityReport } from "../../src/features/integrity/report.ts";
import type { Json } from "./json.ts";
import { type RunOptions, sqlock } from "./sqlock.ts";
import { tempFolder } from "./temp.ts";

export type CheckedDatabase = Json<DatabaseCheck>;

export interface IntegrityRun {
  readonly code: number | undefined;
  readonly stderr: string;
  readonly report: Json<IntegrityReport>;
}

export async function integrity(args: readonly string[], options: RunOptions = {}): Promise<IntegrityRun> {
  const { code, stdout, stderr } = await sqlock(["integrity", "--json", ...args], options);
  if (stdout === "") throw new Error(`no document: ${stderr}`);
  return { code, stderr, report: JSON.parse(stdout) as Json<IntegrityReport> };
}

/** The one database of the document, with the exit code. */
export async function check(
  path: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<CheckedDatabase & { readonly code: number | undefined }> {
  const { code, report } = await integrity([...args, path], options);
  const [database] = report.databases;
  if (database === undefined || report.databases.length > 1)
    throw new Error(`not one database: ${JSON.stringify(report)}`);
  return { ...database, code };
}

/** A folder for temporary files of its own, to see what is left in it. */
export function temporaryFiles(): { readonly folder: string; readonly env: Record<string, string> } {
  const folder = join(tempFolder(), "tmp");
  mkdirSync(folder, { mode: 0o777 });
  return { folder, env: { TMPDIR: folder } };
}

/** Of a check: its name and what came of it. */
export const results = ({
  checks,
}: {
  readonly checks: readonly { readonly name: string; readonly result: string }[];
}) => Object.fromEntries(checks.map(({ name, result }) => [name, result]));
