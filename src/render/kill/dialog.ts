/** The list to pick from, and the questions. Pure. */
import type { Candidate } from "../../features/kill/candidates.ts";
import type { SignalledProcess } from "../../features/kill/outcomes.ts";
import type { Plan } from "../../features/kill/plan.ts";
import type { Signal } from "../../features/kill/signals.ts";
import { commandOf, nameOf } from "../../text/holder.ts";
import { noteOf } from "./note.ts";

export const PICK_TITLE = "Which processes should be ended?";
export const PLAN_CHANGED = "The processes have changed in the meantime. The plan is now:\n\n";

/** A stopped process may be continued instead. */
export function choicesOf(candidates: readonly Candidate[]): { readonly id: string; readonly label: string }[] {
  return candidates.flatMap((candidate) => {
    const { pid, state } = candidate.holder;
    const end = { id: endId(candidate), label: labelOf(candidate) };
    if (state !== "stopped") return [end];
    const label = `${pid} is stopped: let it continue (kill -CONT): ${commandOf(candidate.holder)}`;
    return [{ id: continueId(candidate), label }, end];
  });
}

/** What the ids of the choices mean. One that is to be ended is not continued. */
export function pickedOf(ids: readonly string[], candidates: readonly Candidate[]): Pick<Plan, "ended" | "continued"> {
  const ended = candidates.filter((candidate) => ids.includes(endId(candidate)));
  const continued = candidates.filter((candidate) => ids.includes(continueId(candidate)) && !ended.includes(candidate));
  return { ended, continued };
}

const endId = ({ holder }: Candidate) => `end ${holder.pid}`;
const continueId = ({ holder }: Candidate) => `continue ${holder.pid}`;

/** What matters stands first: a narrow terminal cuts off the end. */
function labelOf(candidate: Candidate): string {
  return `${candidate.holder.pid} ${noteOf(candidate)}: ${commandOf(candidate.holder)}`;
}

/** `Send SIGTERM to 4242, 4243, and let 4244 continue?` */
export function planQuestion({ ended, continued }: Plan, signal: Signal): string {
  const pids = (candidates: readonly Candidate[]) => candidates.map(({ holder }) => holder.pid).join(", ");
  const parts = [
    ...(ended.length === 0 ? [] : [`send ${signal} to ${pids(ended)}`]),
    ...(continued.length === 0 ? [] : [`let ${pids(continued)} continue`]),
  ];
  const text = parts.join(", and ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}?`;
}

export function sigkillQuestion(blocking: readonly SignalledProcess[], graceMs: number): string {
  const names = blocking.map(({ candidate }) => nameOf(candidate.holder)).join(", ");
  return `${names} ${blocking.length === 1 ? "has" : "have"} not ended within ${graceMs / 1000} s. Send SIGKILL?`;
}
