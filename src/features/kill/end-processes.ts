/** Signals processes, waits for what they do, sends SIGKILL after the grace, and looks at what is left. */
import { uptime } from "node:os";
import { isPathError } from "../../model/report.ts";
import type { PinnedDatabase } from "../../observe/pinned.ts";
import { sleep } from "../../time.ts";
import type { Candidate } from "./candidates.ts";
import { ExitWaiter } from "./exit-waiter.ts";
import { identityOf, isSameProcess } from "./identity.ts";
import { interruptFlag } from "./interrupt.ts";
import { isOtherFile, type LookResult, look, settledLook } from "./look.ts";
import { outcomeOf, outcomeOfRefusal, outcomeOfUnsent, restartedAmong, type SignalledProcess } from "./outcomes.ts";
import type { PlannedSignal } from "./plan.ts";
import { sendSignal } from "./process.ts";
import { type KillReport, NOTHING_SEEN, type ProcessOutcome, reportOf, type Spared } from "./result.ts";
import type { Refusal } from "./selection.ts";
import type { KillSettings } from "./settings.ts";
import { asksToEnd } from "./signals.ts";

/** How long SIGKILL gets at least: the process has no say in it, but on a busy machine it needs a CPU to end. */
const SIGKILL_MS = 5000;

/** How long a supervisor gets to start a program again, before the last look, in ms. */
const RESTART_MS = 300;

/** Start times tick a hundred times a second (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

export interface EndOptions {
  readonly refusals: readonly Refusal[];
  readonly signals: readonly PlannedSignal[];
  /** Not signalled, as the report is to say. */
  readonly spared?: readonly Spared[];
  /** Of a fresh look: those that may still be signalled. */
  readonly allowedNow: (result: LookResult) => readonly Candidate[];
  /** The same, of those that have had their first signal. */
  readonly allowedSigkill: (result: LookResult) => readonly Candidate[];
  /** After the grace: whether to send SIGKILL to those that still block. */
  readonly confirmSigkill: (blocking: readonly SignalledProcess[]) => Promise<boolean>;
}

/** Ctrl-C ends the waiting; what has happened until then is in the report. */
export async function endProcesses(
  pinned: PinnedDatabase,
  settings: KillSettings,
  { refusals, signals, spared, allowedNow, allowedSigkill, confirmSigkill }: EndOptions,
): Promise<{ readonly report: KillReport; readonly interrupted: boolean }> {
  const outcomes = new Map<number, ProcessOutcome>(refusals.map((each) => [each.pid, outcomeOfRefusal(each)]));
  const sinceTicks = BigInt(Math.floor(uptime() * TICKS_PER_SECOND));
  const interrupt = interruptFlag();
  const send = async (planned: readonly PlannedSignal[], allowed: EndOptions["allowedNow"]) => {
    const { sent, unsent } = await sendAll(pinned, planned, settings, allowed);
    for (const outcome of unsent) if (!outcomes.has(outcome.pid)) outcomes.set(outcome.pid, outcome);
    return sent;
  };
  try {
    const waiter = new ExitWaiter(pinned, interrupt.isSet);
    let signalled = await send(signals, allowedNow);
    await waiter.wait(signalled, graceOf(signalled, settings));
    const blocking = interrupt.isSet()
      ? []
      : (await waiter.blocking(signalled)).filter(({ signal }) => asksToEnd(signal));
    if (blocking.length > 0 && !waiter.lostSight && (await confirmSigkill(blocking))) {
      const planned = blocking.map(({ candidate }) => ({ candidate, signal: "SIGKILL" as const }));
      const killed = new Set((await send(planned, allowedSigkill)).map(({ candidate }) => candidate));
      signalled = signalled.map((each) => (killed.has(each.candidate) ? { ...each, lastSignal: "SIGKILL" } : each));
      const last = signalled.filter(({ candidate }) => killed.has(candidate));
      await waiter.wait(last, graceOf(last, settings));
    }
    if (waiter.anyEnded && !interrupt.isSet()) await sleep(RESTART_MS);
    const result = await (interrupt.isSet() ? look : settledLook)(pinned, settings.staleAfterMs);
    const pathChanged = isOtherFile(result);
    const database = isPathError(result) ? { ...pinned, ...NOTHING_SEEN } : result.database;
    for (const each of signalled) {
      const remaining = pathChanged ? null : database.holders;
      outcomes.set(each.candidate.holder.pid, outcomeOf(each, waiter.timesOf(each), remaining));
    }
    const restarted = restartedAmong(database.holders, signals, sinceTicks);
    const report = reportOf(database, settings, [...outcomes.values()], restarted, pathChanged, spared);
    return { report, interrupted: interrupt.isSet() };
  } finally {
    interrupt.dispose();
  }
}

function graceOf(signalled: readonly SignalledProcess[], { graceMs }: KillSettings): number {
  return signalled.every(({ lastSignal }) => lastSignal === "SIGKILL") ? Math.max(graceMs, SIGKILL_MS) : graceMs;
}

/** Each is checked once more: it may have ended, closed the database, or no longer block anything. */
async function sendAll(
  pinned: PinnedDatabase,
  planned: readonly PlannedSignal[],
  { staleAfterMs }: KillSettings,
  allowedNow: EndOptions["allowedNow"],
): Promise<{ readonly sent: SignalledProcess[]; readonly unsent: ProcessOutcome[] }> {
  const sent: SignalledProcess[] = [];
  const unsent: ProcessOutcome[] = [];
  if (planned.length === 0) return { sent, unsent };
  const now = await look(pinned, staleAfterMs);
  const allowed = isPathError(now) ? [] : allowedNow(now);
  for (const each of planned) {
    const { holder } = each.candidate;
    const isAllowed = allowed.some((candidate) => isSameProcess(candidate.holder, holder));
    const result = isOtherFile(now) ? "another-file" : isAllowed ? sendSignal(identityOf(holder), each.signal) : "gone";
    if (result === "sent") sent.push({ ...each, sentAt: performance.now(), lastSignal: each.signal });
    else unsent.push(outcomeOfUnsent(each, result));
  }
  return { sent, unsent };
}
