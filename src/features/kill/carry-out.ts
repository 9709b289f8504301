/** Signals, and what comes of them: to each the same process as was shown, and what is left when all is done. */
import { uptime } from "node:os";
import { blocksSomebody } from "../../model/blockers.ts";
import { isPathError } from "../../model/report.ts";
import type { Asker } from "../../prompt/ask.ts";
import { nameOf } from "../../text/holder.ts";
import { sleep } from "../../time.ts";
import { VERSION } from "../../version.ts";
import type { Candidate } from "./candidates.ts";
import type { Refused } from "./choose.ts";
import type { How } from "./kill.ts";
import { look, type Seen } from "./look.ts";
import {
  type Fate,
  holderAmong,
  outcomeOf,
  outcomeOfRefused,
  outcomeOfUnsent,
  type Picked,
  restartedAmong,
  type Victim,
} from "./outcomes.ts";
import { identityOf, isSameProcess, type Sent, signal, standingOf, waitForEnd } from "./process.ts";
import { KILL_SCHEMA_VERSION, type KillReport, type Outcome } from "./report.ts";
import { asksToEnd } from "./signals.ts";

/** How long a supervisor is given to start what was ended anew, before the last look, in ms. */
const RESTART_MS = 300;

/** Between two looks at whether locks were released, in ms. */
const LOOK_MS = 60;

/** Start times tick a hundred times a second (proc_pid_stat(5)). */
const TICKS = 100;

/**
 * `asker` null: SIGKILL after the grace without a question. `stillMeant`: of a fresh look, those who may be signalled.
 * Ctrl-C ends the waiting, and what has happened until then is told.
 */
export async function carryOut(
  givenAs: string,
  refused: readonly Refused[],
  all: readonly Picked[],
  how: How,
  asker: Asker | null,
  stillMeant: (seen: Seen) => readonly Candidate[],
): Promise<{ readonly report: KillReport; readonly interrupted: boolean }> {
  const outcomes = new Map<number, Outcome>(refused.map((each) => [each.pid, outcomeOfRefused(each)]));
  const sinceTicks = BigInt(Math.floor(uptime() * TICKS));
  const watch = watchInterrupt();
  try {
    const victims = await sendAll(givenAs, all, how, outcomes, stillMeant);
    const course = new Course(givenAs, watch.interrupted);
    await course.wait(victims, how.graceMs);
    const stubborn = watch.interrupted()
      ? []
      : (await course.inTheWay(victims)).filter(({ signal: name }) => asksToEnd(name));
    let final: readonly Victim[] = victims;
    if (stubborn.length > 0 && (asker === null || (await asker.yes(killQuestion(stubborn, how))) === true)) {
      const killed = await sendAll(
        givenAs,
        stubborn.map(({ candidate }) => ({ candidate, signal: "SIGKILL" as const })),
        how,
        outcomes,
        (seen) => seen.candidates,
      );
      final = victims.map((victim) =>
        killed.some(({ candidate }) => candidate === victim.candidate) ? { ...victim, last: "SIGKILL" } : victim,
      );
      await course.wait(
        final.filter(({ last }) => last === "SIGKILL"),
        how.graceMs,
      );
    }
    if (course.ended.size > 0 && !watch.interrupted()) await sleep(RESTART_MS);
    const seen = await look(givenAs, how.staleAfterMs);
    const remaining = isPathError(seen) ? [] : seen.database.holders;
    for (const victim of final)
      outcomes.set(victim.candidate.holder.pid, outcomeOf(victim, course.fateOf(victim), remaining));
    const report: KillReport = {
      schemaVersion: KILL_SCHEMA_VERSION,
      sqlock: VERSION,
      path: isPathError(seen) ? givenAs : seen.database.path,
      givenAs,
      dryRun: false,
      outcomes: [...outcomes.values()],
      remaining,
      restarted: restartedAmong(remaining, all, sinceTicks),
      findings: isPathError(seen) ? [] : seen.database.findings,
      error: null,
    };
    return { report, interrupted: watch.interrupted() };
  } finally {
    watch.stop();
  }
}

/** Ctrl-C while it waits must not cost the answer: signals have been sent. */
function watchInterrupt() {
  const others = process.listeners("SIGINT");
  let interrupted = false;
  const note = () => {
    interrupted = true;
  };
  process.removeAllListeners("SIGINT");
  process.on("SIGINT", note);
  return {
    interrupted: () => interrupted,
    stop: () => {
      process.off("SIGINT", note);
      for (const other of others) process.once("SIGINT", other);
    },
  };
}

/** Each is looked at once more: it may have ended, let the database go, or be in nobody's way any more. */
async function sendAll(
  givenAs: string,
  all: readonly Picked[],
  how: How,
  outcomes: Map<number, Outcome>,
  stillMeant: (seen: Seen) => readonly Candidate[],
): Promise<Victim[]> {
  if (all.length === 0) return [];
  const seen = await look(givenAs, how.staleAfterMs);
  const meant = isPathError(seen) ? [] : stillMeant(seen);
  return all.flatMap((each): Victim[] => {
    const { holder } = each.candidate;
    const still = meant.some((candidate) => isSameProcess(candidate.holder, holder));
    const sent: Sent = still ? signal(identityOf(holder), each.signal) : { kind: "gone" };
    if (sent.kind === "sent") return [{ ...each, at: performance.now(), last: each.signal }];
    if (!outcomes.has(holder.pid)) outcomes.set(holder.pid, outcomeOfUnsent(each, sent.kind, givenAs, how));
    return [];
  });
}

/** What becomes of those who were signalled. */
class Course {
  /** From its signal until it had ended, in ms. */
  readonly ended = new Map<number, number>();
  /** From its signal until it was in nobody's way any more, in ms. */
  readonly released = new Map<number, number>();
  readonly #givenAs: string;
  readonly #interrupted: () => boolean;

  constructor(givenAs: string, interrupted: () => boolean) {
    this.#givenAs = givenAs;
    this.#interrupted = interrupted;
  }

  /** Until all have ended or let go what kept others out, at most so long. */
  async wait(victims: readonly Victim[], graceMs: number): Promise<void> {
    let lookedAt = 0;
    await waitForEnd(
      victims.map(({ candidate }) => identityOf(candidate.holder)),
      graceMs,
      (pid) => {
        const victim = victims.find(({ candidate }) => candidate.holder.pid === pid);
        if (victim !== undefined) this.ended.set(pid, performance.now() - victim.at);
      },
      async () => {
        if (this.#interrupted()) return true;
        if (performance.now() - lookedAt < LOOK_MS) return false;
        const left = await this.inTheWay(victims);
        lookedAt = performance.now();
        return left.length === 0;
      },
    );
  }

  fateOf({ candidate: { holder } }: Victim): Fate {
    const releasedAfter = this.released.get(holder.pid);
    const endedAfter =
      this.ended.get(holder.pid) ?? (standingOf(identityOf(holder)) === "gone" ? (releasedAfter ?? 0) : undefined);
    return { endedAfter, releasedAfter };
  }

  /** Those who have neither ended nor let go. Who kept nobody out from the start has to let the database itself go. */
  async inTheWay(victims: readonly Victim[]): Promise<Victim[]> {
    const running = victims.filter(({ candidate }) => standingOf(identityOf(candidate.holder)) === "running");
    if (running.length === 0) return [];
    const seen = await look(this.#givenAs);
    const holders = isPathError(seen) ? [] : seen.database.holders;
    return running.filter((victim) => {
      const { holder, blocks } = victim.candidate;
      const held = holderAmong(holders, holder);
      const inWay = held !== undefined && (blocks || victim.signal === "SIGCONT" ? blocksSomebody(held) : true);
      if (inWay) this.released.delete(holder.pid);
      else if (!this.released.has(holder.pid)) this.released.set(holder.pid, performance.now() - victim.at);
      return inWay;
    });
  }
}

function killQuestion(stubborn: readonly Picked[], { graceMs }: How): string {
  const who = stubborn.map(({ candidate }) => nameOf(candidate.holder)).join(", ");
  return `${who} ${stubborn.length === 1 ? "has" : "have"} not ended in ${graceMs / 1000} s. Send SIGKILL?`;
}
