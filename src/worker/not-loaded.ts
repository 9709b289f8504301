/** When better-sqlite3, which is compiled code, cannot be loaded: that is for the person to mend. Pure. */
import { UserError } from "../errors.ts";

/** What to do: an installation has them run, and so has `npm install` in a checkout. */
export const REINSTALL =
  "install sqlock again, with this Node.js and with install scripts allowed (npm: --allow-scripts=better-sqlite3)";

/** `stderr`: of a process that loads it. @returns null where that did not fail by it. */
export function notLoaded(stderr: string, nodeVersion: string): UserError | null {
  // As the package `bindings` puts it: the install scripts of packages were not run, or failed.
  if (/Could not locate the bindings file/.test(stderr)) {
    return new UserError(
      "failed",
      "SQLite cannot be loaded: better-sqlite3 was not built when sqlock was installed",
      REINSTALL,
    );
  }
  if (/\bNODE_MODULE_VERSION \d/.test(stderr)) {
    return new UserError(
      "failed",
      `SQLite cannot be loaded: better-sqlite3 was built for another Node.js than this one (${nodeVersion})`,
      REINSTALL,
    );
  }
  // dlopen(3): another libc, a file system without execution.
  const [, why] = /^Error: (.*\.node: .*|.*better_sqlite3\.node.*)$/m.exec(stderr) ?? [];
  return why !== undefined && /ERR_DLOPEN_FAILED/.test(stderr)
    ? new UserError("failed", `SQLite cannot be loaded: ${why}`, REINSTALL)
    : null;
}
