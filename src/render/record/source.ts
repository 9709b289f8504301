/** Which source a recording has, and why: one line. Also why the kernel's cannot be had. Pure. */
import type { MetaLine } from "../../recording/lines.ts";
import type { TraceReason } from "../../trace/errors.ts";

/** Why a recording has its source: it was asked for, it is the best, or what keeps the better one from being used. */
type SourceReason = "asked" | "best" | TraceReason;

/** `source: sampled, because only root may trace the kernel; with sudo it is exact`. */
export function sourceText({
  source,
  because,
  statements,
}: Pick<MetaLine, "source" | "because" | "statements">): string {
  if (source === "kernel")
    return statements
      ? "source: the kernel's lock events and the calls of SQLite (exact)"
      : "source: the kernel's lock events, without statements (locks are exact, a wait may be several calls)";
  const reason = because as SourceReason;
  if (reason === "asked" || reason === "best") return "source: sampled, as asked";
  const { why, instead } = REASONS[reason];
  return `source: sampled, because ${why}${instead === undefined ? "" : `; ${instead}`}`;
}

interface ReasonText {
  /** What follows `because`. */
  readonly why: string;
  /** What would help; left out where nothing does. */
  readonly instead?: string;
}

const ON_THE_HOST = "on the host, outside of the container, it is exact";

const REASONS: Readonly<Record<TraceReason, ReasonText>> = {
  "not-root": { why: "only root may trace the kernel", instead: "with sudo it is exact" },
  "child-pid-namespace": {
    why: "in this container the kernel's events have other process ids than /proc",
    instead: ON_THE_HOST,
  },
  "no-tracefs": { why: "this kernel has no tracefs" },
  "mount-refused": { why: "tracefs is not mounted, and may not be mounted here", instead: ON_THE_HOST },
  denied: { why: "the files of tracefs may not be opened here", instead: ON_THE_HOST },
  "read-only": { why: "tracefs is mounted read-only", instead: ON_THE_HOST },
  lockdown: { why: "the kernel is locked down (confidentiality)" },
  "no-lock-events": { why: "this kernel has no events for file locks (events/filelock)" },
  "no-uprobes": { why: "this kernel has no uprobes" },
  "no-memory": { why: "there is not enough memory for the kernel's buffers" },
  "byte-order": { why: "this processor has another byte order than sqlock can read" },
  "unknown-format": { why: "this kernel's trace events have a form that sqlock does not know" },
  failed: { why: "the kernel refused to trace" },
};

/** What, why and what to do. `needs`: an option that needs waits, which samples do not show. */
export function traceErrorText(
  reason: TraceReason,
  path: string | null,
  code: string | null,
  needs: string | null = null,
): { readonly message: string; readonly hint: string } {
  const where = path === null ? "" : ` (${path}${code === null ? "" : `: ${code}`})`;
  const { why } = REASONS[reason];
  const what = needs === null ? "" : `${needs} needs the kernel's lock events, and `;
  const they = needs === null ? "the kernel's lock events" : "they";
  return { message: `${what}${they} cannot be recorded: ${why}${where}`, hint: hintOf(reason, needs) };
}

function hintOf(reason: TraceReason, needs: string | null): string {
  const instead = needs === null ? "use --source sampled" : `leave ${needs} out (samples do not show waits)`;
  switch (reason) {
    case "not-root":
      return `run it with sudo, or ${instead}`;
    case "child-pid-namespace":
    case "mount-refused":
    case "denied":
    case "read-only":
      return `run it on the host, outside of the container, or ${instead}`;
    case "failed":
    case "unknown-format":
      return `please report it, and ${instead}`;
    default:
      return instead;
  }
}
