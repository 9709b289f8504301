/** What came of each process, as the report has it. Pure. */
import { blocksSomebody } from "../../model/blockers.ts";
import type { Holder } from "../../model/report.ts";
import { nameOf } from "../../text/holder.ts";
import { shellQuoted } from "../../text/shell.ts";
import { type Candidate, RESUMED } from "./candidates.ts";
import type { Refused } from "./choose.ts";
import type { How } from "./kill.ts";
import { isSameProcess, type Sent } from "./process.ts";
import type { Outcome } from "./report.ts";
import type { Signal } from "./signals.ts";

export interface Picked {
  readonly candidate: Candidate;
  readonly signal: Signal;
}

/** One that was signalled. */
export interface Victim extends Picked {
  /** When, by performance.now(). */
  readonly at: number;
  readonly last: Signal;
}

/** From its signal on, in ms; undefined for what it did not do. */
export interface Fate {
  readonly endedAfter: number | undefined;
  readonly releasedAfter: number | undefined;
}

export function holderAmong(holders: readonly Holder[], holder: Holder): Holder | undefined {
  return holders.find((each) => isSameProcess(each, holder));
}

/** `fate`: when it ended or let go, in ms from its signal. */
export function outcomeOf({ candidate, last }: Victim, fate: Fate, remaining: readonly Holder[]): Outcome {
  const { holder } = candidate;
  const { pid } = holder;
  const held = holderAmong(remaining, holder);
  const base = {
    pid,
    name: nameOf(holder),
    signal: last,
    consequences: last === "SIGCONT" ? RESUMED : candidate.consequences,
  };
  const { endedAfter, releasedAfter } = fate;
  if (endedAfter !== undefined)
    return { ...base, result: "exited", afterMs: Math.round(endedAfter), holds: false, released: true, reason: null };
  const released = releasedAfter !== undefined && (held === undefined || !blocksSomebody(held));
  const afterMs = released ? Math.round(releasedAfter) : null;
  const reason =
    held === undefined
      ? "it runs on, and has let the database go"
      : released
        ? "it runs on and has the database open, and has released its locks"
        : last === "SIGCONT"
          ? "it goes on, and is still in the way"
          : "it still has the database open";
  return { ...base, result: "survived", afterMs, holds: held !== undefined, released, reason };
}

export function outcomeOfRefused({ pid, name, reason, gone }: Refused): Outcome {
  return {
    pid,
    name,
    result: gone ? "gone" : "refused",
    signal: null,
    afterMs: null,
    holds: !gone,
    released: gone,
    reason,
    consequences: [],
  };
}

export function outcomeOfUnsent(
  { candidate, signal: name }: Picked,
  kind: Exclude<Sent["kind"], "sent">,
  givenAs: string,
  how: How,
): Outcome {
  const { holder, consequences } = candidate;
  const base = { pid: holder.pid, name: nameOf(holder), signal: null, afterMs: null, consequences };
  if (kind === "gone")
    return {
      ...base,
      result: "gone",
      holds: false,
      released: true,
      reason: "it had ended, let the database go, or was in nobody's way any more, before it was signalled",
    };
  if (kind === "kernel")
    return { ...base, result: "refused", holds: true, released: false, reason: "it is a thread of the kernel" };
  const who = holder.user === null ? "another user's" : `${holder.user}'s`;
  return {
    ...base,
    result: "refused",
    holds: true,
    released: false,
    reason: `it is ${who}, and you may not signal it: sudo ${commandFor(givenAs, [holder.pid], { ...how, signal: name })}`,
  };
}

/** The whole command, as it has to be given again. */
export function commandFor(
  givenAs: string,
  pids: readonly number[],
  how: Pick<How, "signal" | "graceMs" | "yes" | "force">,
): string {
  const path = givenAs.startsWith("-") ? `./${givenAs}` : givenAs;
  const options = [
    `--pid ${pids.join(" ")}`,
    ...(how.signal === "SIGTERM" ? [] : [`--signal ${how.signal.slice(3)}`]),
    ...(how.graceMs === 5000 ? [] : [`--grace ${how.graceMs}ms`]),
    ...(how.force ? ["--force"] : []),
    ...(how.yes ? ["--yes"] : []),
  ];
  return `sqlock kill ${shellQuoted(path)} ${options.join(" ")}`;
}

/** Who holds it now and was started since the signals, by the same unit or with the same command line. */
export function restartedAmong(remaining: readonly Holder[], all: readonly Picked[], sinceTicks: bigint): number[] {
  const before = all.map(({ candidate }) => candidate.holder);
  const isLike = (holder: Holder) =>
    before.some(
      ({ unit, commandLine }) =>
        (unit?.endsWith(".service") === true && unit === holder.unit) ||
        (commandLine.length > 0 && commandLine.join("\0") === holder.commandLine.join("\0")),
    );
  return remaining
    .filter((holder) => holder.startTicks !== null && holder.startTicks >= sinceTicks && isLike(holder))
    .map(({ pid }) => pid);
}
