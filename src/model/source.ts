/** Where handles and locks come from, and what each source knows. */
import { UserError } from "../errors.ts";

export const SOURCES = ["proc", "lsof"] as const;

export type Source = (typeof SOURCES)[number];

/** Every source knows who has which file open. */
interface SourceKnowledge {
  /** Who owns which lock. */
  readonly locks: boolean;
}

/** /proc exists on Linux only; lsof can be installed on every other system. */
const KNOWLEDGE: Readonly<Record<Source, SourceKnowledge>> = { proc: { locks: true }, lsof: { locks: false } };

/** Whether the source says who owns which lock. Where it does not, "no lock" would be a wrong answer. */
export function knowsLocks(source: Source): boolean {
  return KNOWLEDGE[source].locks;
}

/** The source that this system has. @throws UserError where it has none. */
export function sourceOfSystem(platform: string = process.platform): Source {
  if (platform === "linux") return "proc";
  if (platform === "win32" || platform === "cygwin") {
    throw new UserError(
      "unsupported-platform",
      "Windows has neither /proc nor lsof, so sqlock cannot see which process has a file open",
      "run it on Linux, macOS or BSD",
    );
  }
  return "lsof";
}
