/**
 * sqlock for programs, such as a test suite that wants to know who holds its database. It looks from a child process:
 * the caller may have the database open through SQLite, and closing any other descriptor of it would drop SQLite's
 * locks (docs/security.md, "The close trap").
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DatabaseReport, PathError, Report } from "./model/report.ts";
import type { Source } from "./model/source.ts";

/** As JSON has it: bigint and Date are strings. */
type Json<T> = T extends bigint | Date ? string : T extends object ? { readonly [K in keyof T]: Json<T[K]> } : T;

export type WhoHoldsDocument = Json<Report>;
export type WhoHoldsDatabase = Json<DatabaseReport>;
export type WhoHoldsPathError = Json<PathError>;

export interface WhoHoldsQuery {
  /** Only the owners of locks, from /proc/locks: no pass over all processes. */
  readonly locksOnly?: boolean;
  /**
   * From when on a process that does not run has forgotten its transaction, in ms: more than 0, at most a day; 10 s
   * where it is left out.
   */
  readonly staleAfterMs?: number;
  /** Where handles come from: /proc on Linux, else lsof, which does not show who owns which lock. */
  readonly source?: Source;
  /** Ends the look. */
  readonly signal?: AbortSignal;
}

const MAX_OUTPUT_BYTES = 1 << 30;

/**
 * Who holds these databases: the document of `sqlock who-holds --json`. A path that could not be looked at stands in it
 * with its error. @throws TypeError, or Error for an option that is out of range or when the look itself failed; the
 * signal's reason (an AbortError, unless another is given) when it was ended.
 */
export async function whoHolds(
  databases: string | readonly string[],
  query: WhoHoldsQuery = {},
): Promise<WhoHoldsDocument> {
  const paths = typeof databases === "string" ? [databases] : databases;
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every((path) => typeof path === "string"))
    throw new TypeError("whoHolds() takes the path of a database, or several in an array");
  const args = [fileURLToPath(new URL("../bin/sqlock.js", import.meta.url)), "who-holds", "--json"];
  if (query.source !== undefined) args.push("--source", query.source);
  if (query.locksOnly === true) args.push("--locks-only");
  if (query.staleAfterMs !== undefined) args.push("--stale-after", `${query.staleAfterMs}ms`);
  return new Promise((resolve, reject) => {
    // A preload of the caller's (NODE_OPTIONS) is not for the child: what it prints would stand before the document.
    const env = { ...process.env, NODE_OPTIONS: undefined };
    const options = {
      maxBuffer: MAX_OUTPUT_BYTES,
      env,
      ...(query.signal === undefined ? {} : { signal: query.signal }),
    };
    execFile(process.execPath, [...args, "--", ...paths], options, (error, stdout, stderr) => {
      if (query.signal?.aborted === true) reject(query.signal.reason);
      else if (stdout === "") reject(new Error(stderr.trim() || error?.message || "sqlock printed nothing"));
      else settle(stdout, resolve, reject);
    });
  });
}

function settle(stdout: string, resolve: (document: WhoHoldsDocument) => void, reject: (error: Error) => void): void {
  try {
    const document = JSON.parse(stdout) as WhoHoldsDocument;
    const refused = document.databases.find((each) => "error" in each && each.error.code === "usage");
    if (refused !== undefined && "error" in refused)
      reject(new Error(`${refused.error.message}; ${refused.error.hint}`));
    else resolve(document);
  } catch {
    reject(new Error("sqlock did not print the whole document: it was ended, or there was no memory left"));
  }
}
