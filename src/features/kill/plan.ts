/** Which signal goes to which process, before it is sent. Pure. */
import type { Candidate } from "./candidates.ts";
import type { Refusal } from "./selection.ts";
import type { Signal } from "./signals.ts";

export interface Plan {
  /** They get the signal of --signal. */
  readonly ended: readonly Candidate[];
  /** Stopped ones that get SIGCONT. */
  readonly continued: readonly Candidate[];
  readonly refusals: readonly Refusal[];
}

/** A signal for the process of a candidate. */
export interface PlannedSignal {
  readonly candidate: Candidate;
  readonly signal: Signal;
}

export function signalsOf({ ended, continued }: Plan, signal: Signal): PlannedSignal[] {
  return [
    ...ended.map((candidate) => ({ candidate, signal })),
    ...continued.map((candidate): PlannedSignal => ({ candidate, signal: "SIGCONT" })),
  ];
}

/** Whether both plans do the same to the same processes: how long each has been idle may differ. */
export function isSamePlan(a: Plan, b: Plan): boolean {
  return factsOf(a) === factsOf(b);
}

function factsOf({ ended, continued }: Plan): string {
  return JSON.stringify(
    [...ended, ...continued].map(({ holder, dangers }) => [
      holder.pid,
      holder.activity,
      holder.commandLine,
      dangers.map(({ kind }) => kind),
    ]),
  );
}
