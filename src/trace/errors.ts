/** Why the kernel's trace events cannot be had. Whoever calls makes one line of each. */

export type TraceReason =
  /** Only uid 0 may open the files of tracefs. */
  | "not-root"
  /** In a child pid namespace the pids of the kernel's events are not those of /proc. */
  | "child-pid-namespace"
  /** The kernel has no tracefs. */
  | "no-tracefs"
  /** tracefs is mounted nowhere, and mounting it is not permitted, as in a container. */
  | "mount-refused"
  /** It is mounted, but its files may not be read or written (EACCES, EPERM). */
  | "denied"
  /** It is mounted read-only. */
  | "read-only"
  /** The kernel is locked down (confidentiality): nobody may read trace events. */
  | "lockdown"
  /** The kernel has no events/filelock. */
  | "no-lock-events"
  /** The kernel has no uprobe_events. */
  | "no-uprobes"
  /** The memory for the smallest buffer was refused (ENOMEM). */
  | "no-memory"
  /** The pages of this processor are in another byte order than those that sqlock reads. */
  | "byte-order"
  /** A file of tracefs is not in the form that sqlock knows. */
  | "unknown-format"
  /** Any other error of a system call. */
  | "failed";

/** Tracing is not possible. The message is for bug reports: whoever shows it to a person goes by `reason`. */
export class TraceError extends Error {
  override readonly name = "TraceError";
  readonly reason: TraceReason;
  /** The file or folder; null where it is about none. */
  readonly path: string | null;
  /** `EACCES` and the like; null where no system call failed. */
  readonly code: string | null;

  constructor(reason: TraceReason, path: string | null = null, code: string | null = null) {
    super([reason, path, code].filter((part) => part !== null).join(" "));
    this.reason = reason;
    this.path = path;
    this.code = code;
  }
}

/** The code of a failed system call: `ENOENT`; those without a name in Node.js as a number, `524`. */
export function codeOf(error: unknown): string {
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return /^E[A-Z0-9]+$/.test(code) || errno === undefined ? code : String(-errno);
}

/** What a failed system call on a file of tracefs means. */
export function refusal(error: unknown, path: string, lockedDown: boolean): TraceError {
  if (error instanceof TraceError) return error;
  const code = codeOf(error);
  if (code === "EROFS") return new TraceError("read-only", path, code);
  if (code === "EPERM" && lockedDown) return new TraceError("lockdown", path, code);
  if (code === "EACCES" || code === "EPERM") return new TraceError("denied", path, code);
  if (code === "ENOMEM") return new TraceError("no-memory", path, code);
  return new TraceError("failed", path, code);
}
