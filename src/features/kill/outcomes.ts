/** What happened to each process. Pure. */
import { blocksSomebody } from "../../model/blockers.ts";
import type { Holder } from "../../model/report.ts";
import { type Consequence, serviceOf } from "./consequences.ts";
import { isSameProcess, type SendResult } from "./identity.ts";
import type { PlannedSignal } from "./plan.ts";
import type { ProcessOutcome } from "./result.ts";
import type { Refusal } from "./selection.ts";
import type { Signal } from "./signals.ts";

export interface SignalledProcess extends PlannedSignal {
  /** When the first signal was sent, by performance.now(). */
  readonly sentAt: number;
  readonly lastSignal: Signal;
}

/** In ms from its first signal; undefined for what has not happened. */
export interface ProcessTimes {
  readonly endedAfterMs: number | undefined;
  readonly releasedAfterMs: number | undefined;
}

/** `remaining`: who holds the database when all is done; null where the path leads to another file by then. */
export function outcomeOf(
  { candidate, lastSignal }: SignalledProcess,
  { endedAfterMs, releasedAfterMs }: ProcessTimes,
  remaining: readonly Holder[] | null,
): ProcessOutcome {
  const { holder } = candidate;
  const base = { pid: holder.pid, holder, signal: lastSignal, ...effectsOf({ candidate, signal: lastSignal }) };
  if (endedAfterMs !== undefined) {
    const afterMs = Math.round(endedAfterMs);
    return { ...base, result: "exited", afterMs, holds: false, released: true, reason: null };
  }
  if (remaining === null) {
    const reason = { kind: "out-of-sight" } as const;
    return { ...base, result: "survived", afterMs: null, holds: null, released: false, reason };
  }
  const held = remaining.find((each) => isSameProcess(each, holder));
  const released = releasedAfterMs !== undefined && (held === undefined || !blocksSomebody(held));
  const reason =
    held === undefined
      ? "closed-the-database"
      : released
        ? "released-its-locks"
        : lastSignal === "SIGCONT"
          ? "continued-and-blocks"
          : held.frozen !== null
            ? "frozen"
            : held.uninterruptible !== null
              ? "uninterruptible"
              : "still-open";
  return {
    ...base,
    result: "survived",
    afterMs: released ? Math.round(releasedAfterMs) : null,
    holds: held !== undefined,
    released,
    reason: { kind: reason },
  };
}

const NOT_SIGNALLED = { signal: null, afterMs: null } as const;

export function outcomeOfRefusal({ pid, holder, reason }: Refusal): ProcessOutcome {
  const gone = reason.kind === "not-a-holder" || reason.kind === "ended-or-closed";
  return {
    pid,
    holder,
    ...NOT_SIGNALLED,
    result: gone ? "gone" : "refused",
    holds: reason.kind === "another-file" ? null : !gone,
    released: gone,
    reason,
    consequences: [],
    dangers: reason.kind === "danger" ? [reason.danger] : [],
  };
}

export function outcomeOfUnsent(
  planned: PlannedSignal,
  why: Exclude<SendResult, "sent"> | "another-file",
): ProcessOutcome {
  const { candidate, signal } = planned;
  const { holder, consequences, dangers } = candidate;
  const base = { pid: holder.pid, holder, ...NOT_SIGNALLED, consequences, dangers };
  switch (why) {
    case "gone":
      return { ...base, result: "gone", holds: false, released: true, reason: { kind: "no-longer-blocking" } };
    case "another-file":
      return { ...base, result: "refused", holds: null, released: false, reason: { kind: why } };
    case "kernel-thread":
      return { ...base, result: "refused", holds: true, released: false, reason: { kind: why } };
    case "no-permission": {
      const reason = { kind: "no-permission", user: holder.user, signal } as const;
      return { ...base, result: "refused", holds: true, released: false, reason };
    }
  }
}

/** With --dry-run. `answer`: what the kernel would answer to the signal. */
export function plannedOutcome(planned: PlannedSignal, answer: SendResult): ProcessOutcome {
  if (answer !== "sent") return outcomeOfUnsent(planned, answer);
  const { candidate, signal } = planned;
  return {
    pid: candidate.holder.pid,
    holder: candidate.holder,
    result: "planned",
    signal,
    afterMs: null,
    holds: null,
    released: false,
    reason: null,
    ...effectsOf(planned),
  };
}

/** Of a signal: SIGCONT ends nothing. */
export function effectsOf({
  candidate: { consequences, dangers },
  signal,
}: PlannedSignal): Pick<ProcessOutcome, "consequences" | "dangers"> {
  const continues: Consequence = { kind: "continues" };
  return signal === "SIGCONT" ? { consequences: [continues], dangers: [] } : { consequences, dangers };
}

/** Pids that hold it now and were started since the signals, in the same unit or with the same command line. */
export function restartedAmong(
  remaining: readonly Holder[],
  signalled: readonly PlannedSignal[],
  sinceTicks: bigint,
): number[] {
  const before = signalled.map(({ candidate }) => candidate.holder);
  const isLike = (holder: Holder) =>
    before.some(
      (each) =>
        isOfSameService(each, holder) ||
        (each.commandLine.length > 0 && each.commandLine.join("\0") === holder.commandLine.join("\0")),
    );
  return remaining
    .filter((holder) => holder.startTicks !== null && holder.startTicks >= sinceTicks && isLike(holder))
    .map(({ pid }) => pid);
}

/** Of one manager: a user's own may have a unit of the same name. */
function isOfSameService(a: Holder, b: Holder): boolean {
  const key = (holder: Holder) => JSON.stringify([serviceOf(holder), holder.container, holder.containerUid]);
  return serviceOf(a) !== null && key(a) === key(b);
}
