/** look → candidates → pick → guard → ask → signal → wait → look again → report. */

import { blocksSomebody } from "../inspect/blockers.ts";
import { quoted } from "../inspect/diagnose/shell.ts";
import { DEFAULT_STALE_AFTER_MS, inspect } from "../inspect/inspect.ts";
import { commandOf, nameOf } from "../inspect/phrases.ts";
import { type DatabaseReport, type Holder, isPathError, type PathError, type Report } from "../inspect/report.ts";
import { sleep } from "../time.ts";
import { VERSION } from "../version.ts";
import type { Asker } from "./ask.ts";
import { type Candidate, candidatesOf, labelOf } from "./candidates.ts";
import { type Chosen, choose, guard, type Wish } from "./choose.ts";
import { type Identity, ownFamily, signal, standingOf, waitForEnd } from "./process.ts";
import { KILL_SCHEMA_VERSION, type KillReport, type Outcome } from "./report.ts";
import { asksToEnd, type Signal } from "./signals.ts";

export interface How {
  readonly pids: readonly number[];
  readonly stale: boolean;
  readonly staleAfterMs: number;
  readonly signal: Signal;
  /** How long to wait before SIGKILL is the next step, in ms. */
  readonly graceMs: number;
  /** Nobody is asked. */
  readonly yes: boolean;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** What a person is shown and asked; null: there is nobody to ask. */
export interface Person {
  readonly asker: Asker;
  /** The table of who-holds, with findings. */
  readonly show: (report: Report) => void;
  /** Before the question: who will be signalled, and what that does. */
  readonly plan: (picked: readonly Candidate[], resumed: readonly Candidate[], refused: Chosen["refused"], signal: Signal) => void;
}

export type Answer =
  | { readonly kind: "done"; readonly report: KillReport }
  /** Ctrl-C, or no. */
  | { readonly kind: "cancelled" }
  /** Nobody may be asked, and nobody said --yes: these would be signalled. */
  | { readonly kind: "unasked"; readonly database: DatabaseReport; readonly pids: readonly number[]; readonly refused: Chosen["refused"] }
  | { readonly kind: "error"; readonly error: PathError };

interface Picked {
  readonly candidate: Candidate;
  readonly signal: Signal;
}

/** How long a supervisor is given to start what was ended anew, before the last look, in ms. */
const RESTART_MS = 300;

/** How long an answer of the locks alone is good for while it waits, in ms. */
const LOCKS_EVERY_MS = 60;

/** @throws UserError */
export async function kill(givenAs: string, how: How, person: Person | null): Promise<Answer> {
  const first = await look(givenAs, how.staleAfterMs);
  if (isPathError(first.database)) return { kind: "error", error: first.database };
  person?.show(first.report);
  const candidates = candidatesOf(first.database);
  const wish: Wish = { pids: how.pids, stale: how.stale, force: how.force, asked: person !== null && !how.yes };
  const byName = wish.pids.length > 0 || wish.stale || how.yes || person === null;
  const choice = byName ? { ...choose(candidates, wish), resumed: [] } : await pick(candidates, person.asker);
  if (choice === null) return { kind: "cancelled" };
  const { picked, refused } = guard(choice, wish, { own: ownFamily() });
  const resumed = choice.resumed;
  if (how.dryRun) return { kind: "done", report: plannedReport(first.database, picked, refused, how) };
  if (!how.yes && person === null) return { kind: "unasked", database: first.database, pids: picked.map(({ holder }) => holder.pid), refused };
  if (picked.length + resumed.length > 0 && person !== null) {
    person.plan(picked, resumed, refused, how.signal);
    if (!how.yes && (await person.asker.yes(question(picked, resumed, how.signal))) !== true) return { kind: "cancelled" };
  }
  const all: Picked[] = [
    ...picked.map((candidate) => ({ candidate, signal: how.signal })),
    ...resumed.map((candidate): Picked => ({ candidate, signal: "SIGCONT" })),
  ];
  return { kind: "done", report: await carryOut(givenAs, first, all, refused, how, person) };
}

interface Look {
  readonly report: Report;
  readonly database: DatabaseReport | PathError;
}

async function look(givenAs: string, staleAfterMs = DEFAULT_STALE_AFTER_MS): Promise<Look> {
  const report = await inspect([givenAs], { locksOnly: false, staleAfterMs });
  const [database, ...more] = report.databases;
  if (database !== undefined && more.length === 0) return { report, database };
  const message = `${givenAs} is a folder of ${report.databases.length} databases`;
  return { report, database: { givenAs, error: { code: "usage", message, hint: "give the path of one database" } } };
}

/** A stopped one may be let go on instead. */
async function pick(candidates: readonly Candidate[], asker: Asker): Promise<(Chosen & { readonly resumed: readonly Candidate[] }) | null> {
  if (candidates.length === 0) return { picked: [], refused: [], resumed: [] };
  const choices = candidates.flatMap((candidate) => {
    const { pid, state } = candidate.holder;
    const end = { id: `end ${pid}`, label: labelOf(candidate) };
    return state === "stopped" ? [{ id: `resume ${pid}`, label: `${pid} is stopped: let it go on (kill -CONT): ${commandOf(candidate.holder)}` }, end] : [end];
  });
  const ids = await asker.pick("Who is to be ended?", choices);
  if (ids === null) return null;
  const of = (what: string) => candidates.filter(({ holder }) => ids.includes(`${what} ${holder.pid}`));
  const ended = of("end");
  return { picked: ended, refused: [], resumed: of("resume").filter((candidate) => !ended.includes(candidate)) };
}

function question(picked: readonly Candidate[], resumed: readonly Candidate[], name: Signal): string {
  const parts = [
    ...(picked.length === 0 ? [] : [`send ${name} to ${picked.map(({ holder }) => holder.pid).join(", ")}`]),
    ...(resumed.length === 0 ? [] : [`let ${resumed.map(({ holder }) => holder.pid).join(", ")} go on`]),
  ];
  const text = parts.join(", and ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}?`;
}

async function carryOut(
  givenAs: string,
  first: Look,
  all: readonly Picked[],
  refused: Chosen["refused"],
  how: How,
  person: Person | null,
): Promise<KillReport> {
  const before = first.database as DatabaseReport;
  const outcomes = new Map<number, Outcome>(refused.map((each) => [each.pid, refusedOutcome(each)]));
  const startedAt = Date.now();
  const sent = await sendAll(givenAs, all, how, outcomes);
  const ended = new Map<number, number>();
  const wait = async (who: readonly (Picked & { readonly at: number })[]) => {
    const letGo = new LocksOf(givenAs, who);
    await waitForEnd(
      who.map(({ candidate }) => identityOf(candidate.holder)),
      how.graceMs,
      (pid) => ended.set(pid, performance.now() - (who.find(({ candidate }) => candidate.holder.pid === pid)?.at ?? 0)),
      () => letGo.byAll(new Set(ended.keys())),
    );
    return letGo;
  };
  const released = await wait(sent);
  let survivors = await holdersAmong(givenAs, sent, ended);
  const escalated = new Set<number>();
  const stubborn = survivors.filter(({ signal: name }) => asksToEnd(name));
  if (stubborn.length > 0 && (how.yes || (person !== null && (await person.asker.yes(killQuestion(stubborn, how))) === true))) {
    const again = await sendAll(
      givenAs,
      stubborn.map((each) => ({ ...each, signal: "SIGKILL" as const })),
      how,
      outcomes,
    );
    for (const { candidate } of again) escalated.add(candidate.holder.pid);
    await wait(again.map((each) => ({ ...each, at: sent.find(({ candidate }) => candidate === each.candidate)?.at ?? each.at })));
    survivors = await holdersAmong(givenAs, sent, ended);
  }
  const holding = new Set(survivors.map(({ candidate }) => candidate.holder.pid));
  for (const { candidate, signal: name } of sent) {
    const { pid } = candidate.holder;
    const endedAfter = ended.get(pid);
    const letGoAfter = released.after(pid);
    outcomes.set(pid, {
      pid,
      name: nameOf(candidate.holder),
      result: endedAfter === undefined ? "survived" : "exited",
      signal: escalated.has(pid) ? "SIGKILL" : name,
      afterMs: roundedOrNull(endedAfter ?? (holding.has(pid) ? undefined : letGoAfter)),
      holds: holding.has(pid),
      reason: endedAfter !== undefined ? null : holding.has(pid) ? "it still has the database open" : "it runs on, and has let the database go",
      consequences: candidate.consequences,
    });
  }
  if (ended.size > 0) await sleep(RESTART_MS);
  const last = await look(givenAs, how.staleAfterMs);
  const remaining = isPathError(last.database) ? [] : last.database.holders;
  return {
    ...emptyReport(before.path, givenAs, false),
    outcomes: [...outcomes.values()],
    remaining,
    restarted: restartedAmong(remaining, all, startedAt),
    findings: isPathError(last.database) ? [] : last.database.findings,
  };
}

/** Each is looked at once more: it may have ended, or let the database go, while somebody thought. */
async function sendAll(givenAs: string, all: readonly Picked[], how: How, outcomes: Map<number, Outcome>): Promise<(Picked & { readonly at: number })[]> {
  if (all.length === 0) return [];
  const now = await look(givenAs, how.staleAfterMs);
  const holders = isPathError(now.database) ? [] : now.database.holders;
  return all.flatMap((each) => {
    const { holder } = each.candidate;
    const still = holders.some(({ pid, startTicks }) => pid === holder.pid && startTicks === holder.startTicks);
    const sent = still ? signal(identityOf(holder), each.signal) : { kind: "gone" as const };
    if (sent.kind === "sent") return [{ ...each, at: performance.now() }];
    outcomes.set(holder.pid, unsentOutcome(each, sent.kind, givenAs));
    return [];
  });
}

function unsentOutcome({ candidate, signal: name }: Picked, kind: "gone" | "denied" | "kernel", givenAs: string): Outcome {
  const { holder, consequences } = candidate;
  const base = { pid: holder.pid, name: nameOf(holder), signal: null, afterMs: null, consequences };
  if (kind === "gone") return { ...base, result: "gone", holds: false, reason: "it had ended, or had let the database go, before it was signalled" };
  if (kind === "kernel") return { ...base, result: "refused", holds: true, reason: "it is a thread of the kernel" };
  const option = name === "SIGTERM" ? "" : ` --signal ${name.slice(3)}`;
  const who = holder.user === null ? "another user's" : `${holder.user}'s`;
  return {
    ...base,
    result: "refused",
    holds: true,
    reason: `it is ${who}, and you may not signal it: sudo sqlock kill ${quoted(givenAs)} --pid ${holder.pid}${option}`,
  };
}

/** Looks at the locks, now and then, for whether those who were signalled have let the database go. */
class LocksOf {
  readonly #givenAs: string;
  readonly #who: readonly (Picked & { readonly at: number })[];
  readonly #after = new Map<number, number>();
  #lookedAt = 0;

  constructor(givenAs: string, who: readonly (Picked & { readonly at: number })[]) {
    this.#givenAs = givenAs;
    this.#who = who;
  }

  /** From its signal until it held the database no more, in ms. */
  after(pid: number): number | undefined {
    return this.#after.get(pid);
  }

  /** Whether none of them but those who have ended holds it any more. */
  async byAll(ended: ReadonlySet<number>): Promise<boolean> {
    if (performance.now() - this.#lookedAt < LOCKS_EVERY_MS) return false;
    const now = await look(this.#givenAs);
    this.#lookedAt = performance.now();
    if (isPathError(now.database)) return false;
    const { holders } = now.database;
    for (const { candidate, at, signal: name } of this.#who) {
      const { pid, startTicks } = candidate.holder;
      const held = holders.find((each) => each.pid === pid && each.startTicks === startTicks);
      // One that was let go on is done with when it is in nobody's way: it need not end.
      if (held === undefined || (name === "SIGCONT" && !blocksSomebody(held))) {
        if (!this.#after.has(pid)) this.#after.set(pid, this.#lookedAt - at);
      } else this.#after.delete(pid);
    }
    return this.#who.every(({ candidate }) => ended.has(candidate.holder.pid) || this.#after.has(candidate.holder.pid));
  }
}

async function holdersAmong<T extends Picked>(givenAs: string, sent: readonly T[], ended: ReadonlyMap<number, number>): Promise<T[]> {
  const left = sent.filter(({ candidate }) => !ended.has(candidate.holder.pid) && standingOf(identityOf(candidate.holder)) === "running");
  if (left.length === 0) return [];
  const now = await look(givenAs);
  if (isPathError(now.database)) return [];
  const { holders } = now.database;
  return left.filter(({ candidate, signal: name }) => {
    const held = holders.find(({ pid, startTicks }) => pid === candidate.holder.pid && startTicks === candidate.holder.startTicks);
    return held !== undefined && (name !== "SIGCONT" || blocksSomebody(held));
  });
}

function killQuestion(stubborn: readonly Picked[], { graceMs }: How): string {
  const who = stubborn.map(({ candidate }) => nameOf(candidate.holder)).join(", ");
  return `${who} ${stubborn.length === 1 ? "has" : "have"} not ended in ${graceMs / 1000} s. Send SIGKILL?`;
}

/** Who holds it now and was started since, by the same unit or with the same command line. */
function restartedAmong(remaining: readonly Holder[], all: readonly Picked[], since: number): number[] {
  const before = all.map(({ candidate }) => candidate.holder);
  const like = (holder: Holder) =>
    before.some(
      ({ pid, startTicks, unit, commandLine }) =>
        !(pid === holder.pid && startTicks === holder.startTicks) &&
        ((unit?.endsWith(".service") === true && unit === holder.unit) || (commandLine.length > 0 && commandLine.join("\0") === holder.commandLine.join("\0"))),
    );
  const old = new Set(before.map(({ pid, startTicks }) => `${pid} ${startTicks}`));
  return remaining
    .filter(
      (holder) => like(holder) && !old.has(`${holder.pid} ${holder.startTicks}`) && holder.startedAt !== null && holder.startedAt.getTime() >= since - TICK_MS,
    )
    .map(({ pid }) => pid);
}

/** The clock of start times ticks a hundred times a second, and counts from boot. */
const TICK_MS = 1000;

function identityOf({ pid, startTicks }: Holder): Identity {
  return { pid, startTicks: startTicks ?? -1n };
}

function roundedOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}

function refusedOutcome({ pid, name, reason, gone }: Chosen["refused"][number]): Outcome {
  return { pid, name, result: gone ? "gone" : "refused", signal: null, afterMs: null, holds: !gone, reason, consequences: [] };
}

function plannedReport(database: DatabaseReport, picked: readonly Candidate[], refused: Chosen["refused"], how: How): KillReport {
  const planned = picked.map(({ holder, consequences }): Outcome => {
    const base = { pid: holder.pid, name: nameOf(holder), afterMs: null, holds: null, reason: null, consequences };
    return { ...base, result: "planned", signal: how.signal };
  });
  return {
    ...emptyReport(database.path, database.givenAs, true),
    outcomes: [...planned, ...refused.map(refusedOutcome)],
    remaining: database.holders,
    findings: database.findings,
  };
}

function emptyReport(path: string, givenAs: string, dryRun: boolean): KillReport {
  return { schemaVersion: KILL_SCHEMA_VERSION, sqlock: VERSION, path, givenAs, dryRun, outcomes: [], remaining: [], restarted: [], findings: [], error: null };
}

export function failedReport({ givenAs, error }: PathError, dryRun: boolean): KillReport {
  return { ...emptyReport(givenAs, givenAs, dryRun), error };
}
