/** Which signal goes to which process, before it is sent. Pure. */
import type { Candidate } from "./candidates.ts";
import type { SendResult } from "./identity.ts";
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

/** Moves those that the caller is not allowed to signal to the refusals. `answerTo`: what the kernel would answer. */
export function permittedPlan(plan: Plan, signal: Signal, answerTo: (planned: PlannedSignal) => SendResult): Plan {
  const forbidden = signalsOf(plan, signal).filter((planned) => answerTo(planned) === "no-permission");
  const isPermitted = (candidate: Candidate) => !forbidden.some((each) => each.candidate === candidate);
  return {
    ended: plan.ended.filter(isPermitted),
    continued: plan.continued.filter(isPermitted),
    refusals: [...plan.refusals, ...forbidden.map(refusalForLackOfPermission)],
  };
}

function refusalForLackOfPermission({ candidate: { holder }, signal }: PlannedSignal): Refusal {
  return { pid: holder.pid, holder, reason: { kind: "no-permission", user: holder.user, signal } };
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
