/** Where handles and locks come from. */
import { UserError } from "../errors.ts";

/** Linux's /proc has all of it. `lsof`, on other systems, has the handles: there nothing says who owns which lock. */
export const SOURCES = ["proc", "lsof"] as const;

export type Source = (typeof SOURCES)[number];

/** Whether the source says who owns which lock. Where it does not, "no lock" would be a wrong answer. */
export function knowsLocks(source: Source): boolean {
  return source === "proc";
}

/** What this system has. @throws UserError where it has neither. */
export function sourceOfSystem(platform: string = process.platform): Source {
  if (platform === "linux") return "proc";
  if (platform === "win32" || platform === "cygwin") {
    throw new UserError(
      "unsupported-platform",
      "Windows has neither /proc nor lsof, so sqlock cannot see who has a file open",
      "run it on Linux, macOS or BSD",
    );
  }
  return "lsof";
}
