/** Where handles and locks come from, and what each source knows. */
import { UserError } from "../errors.ts";

export const SOURCES = ["proc", "lsof"] as const;

export type Source = (typeof SOURCES)[number];

/** Every source knows the handles. */
interface SourceKnowledge {
  /** Who owns which lock. Where it is not known, a holder without a lock may have one. */
  readonly locks: boolean;
  /** State, terminal, idle time, limits and service of a process. */
  readonly processDetails: boolean;
}

/** /proc is Linux's; lsof exists on every other system. */
const KNOWLEDGE: Readonly<Record<Source, SourceKnowledge>> = {
  proc: { locks: true, processDetails: true },
  lsof: { locks: false, processDetails: false },
};

/** Whether who owns which lock is known. */
export function knowsLocks({ source }: { readonly source: Source | null }): boolean {
  return source !== null && KNOWLEDGE[source].locks;
}

/** Whether state, terminal, idle time, limits and service of a process are known. */
export function knowsProcessDetails({ source }: { readonly source: Source | null }): boolean {
  return source !== null && KNOWLEDGE[source].processDetails;
}

/** The source that this system has. @throws UserError where it has none. */
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
