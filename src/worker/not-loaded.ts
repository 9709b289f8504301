/** When a worker cannot start: no descriptors are left, or better-sqlite3, which is compiled code, is missing. Pure. */
import { UserError } from "../errors.ts";

/** What to do: an installation has them run, and so has `npm install` in a checkout. */
export const REINSTALL =
  "install sqlock again, with this Node.js and with install scripts allowed (npm: --allow-scripts=better-sqlite3)";

/** `stderr`: of a process that loads it. @returns null where that did not fail by it. */
export function notLoaded(stderr: string, nodeVersion: string): UserError | null {
  // strerror(3) and Node.js: EMFILE, ENFILE
  if (/too many open files|\bENFILE\b/i.test(stderr)) {
    return new UserError(
      "too-many-open-files",
      "too many open files: the process that opens the database cannot start",
      "raise the limit (ulimit -n 1024), and try again",
    );
  }
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
