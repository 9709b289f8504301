/** look → candidates → pick → guard → ask → carry out. */

import { type DatabaseReport, isPathError, type PathError, type Report } from "../../model/report.ts";
import type { Asker } from "../../prompt/ask.ts";
import { commandOf, nameOf } from "../../text/holder.ts";
import { VERSION } from "../../version.ts";
import { type Candidate, labelOf } from "./candidates.ts";
import { carryOut } from "./carry-out.ts";
import { type Chosen, choose, guard, type Wish } from "./choose.ts";
import { look, type Seen } from "./look.ts";
import { outcomeOfRefused, type Picked } from "./outcomes.ts";
import { isSameProcess, ownFamily } from "./process.ts";
import { KILL_SCHEMA_VERSION, type KillReport, type Outcome } from "./report.ts";
import type { Signal } from "./signals.ts";

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

/** What a person is shown and asked. */
export interface Person {
  readonly asker: Asker;
  /** The table of who-holds, with findings. */
  readonly show: (report: Report) => void;
  /** Before the question: who will be signalled, and what that does. */
  readonly plan: (plan: Plan, signal: Signal) => void;
}

export interface Plan {
  readonly picked: readonly Candidate[];
  /** Stopped ones that are to go on. */
  readonly resumed: readonly Candidate[];
  readonly refused: Chosen["refused"];
}

export type Answer =
  | { readonly kind: "done"; readonly report: KillReport; readonly interrupted: boolean }
  /** Ctrl-C, or no. */
  | { readonly kind: "cancelled" }
  /** Nobody may be asked, and nobody said --yes: these would be signalled. */
  | {
      readonly kind: "unasked";
      readonly seen: Seen;
      readonly pids: readonly number[];
      readonly refused: Chosen["refused"];
    }
  | { readonly kind: "error"; readonly error: PathError };

/** How often somebody is asked anew because what he was told is not so any more. */
const MOST_QUESTIONS = 10;

/** `person` null: there is nobody to ask. @throws UserError */
export async function kill(givenAs: string, how: How, person: Person | null): Promise<Answer> {
  const first = await look(givenAs, how.staleAfterMs);
  if (isPathError(first)) return { kind: "error", error: first };
  person?.show(first.report);
  const wish: Wish = { pids: how.pids, stale: how.stale, force: how.force, asked: person !== null && !how.yes };
  const byName = wish.pids.length > 0 || wish.stale || how.yes || person === null;
  if (byName && (how.yes || person === null || how.dryRun)) {
    const plan = { ...guard(choose(first.candidates, wish), wish, { own: ownFamily() }), resumed: [] };
    if (how.dryRun) return { kind: "done", report: plannedReport(first.database, plan, how), interrupted: false };
    if (!how.yes)
      return { kind: "unasked", seen: first, pids: plan.picked.map(({ holder }) => holder.pid), refused: plan.refused };
    if (plan.picked.length > 0) person?.plan(plan, how.signal);
    const stillMeant = (seen: Seen) => guard(choose(seen.candidates, wish), wish, { own: ownFamily() }).picked;
    return done(await carryOut(givenAs, plan.refused, picksOf(plan, how), how, null, stillMeant));
  }
  if (person === null) throw new Error("nobody to ask");
  const chosen = byName
    ? { ...choose(first.candidates, wish), resumed: [] }
    : await pick(first.candidates, person.asker);
  if (chosen === null) return { kind: "cancelled" };
  if (how.dryRun) {
    const plan = { ...guard(chosen, wish, { own: ownFamily() }), resumed: chosen.resumed };
    return { kind: "done", report: plannedReport(first.database, plan, how), interrupted: false };
  }
  const plan = await agreed(givenAs, chosen, wish, how, person);
  if (plan === null) return { kind: "cancelled" };
  return done(await carryOut(givenAs, plan.refused, picksOf(plan, how), how, person.asker, (seen) => seen.candidates));
}

function done({ report, interrupted }: { readonly report: KillReport; readonly interrupted: boolean }): Answer {
  return { kind: "done", report, interrupted };
}

function picksOf({ picked, resumed }: Plan, how: How): Picked[] {
  return [
    ...picked.map((candidate) => ({ candidate, signal: how.signal })),
    ...resumed.map((candidate): Picked => ({ candidate, signal: "SIGCONT" })),
  ];
}

/** A stopped one may be let go on instead. */
async function pick(candidates: readonly Candidate[], asker: Asker): Promise<Plan | null> {
  if (candidates.length === 0) return { picked: [], refused: [], resumed: [] };
  const choices = candidates.flatMap((candidate) => {
    const { pid, state } = candidate.holder;
    const end = { id: `end ${pid}`, label: labelOf(candidate) };
    return state === "stopped"
      ? [
          {
            id: `resume ${pid}`,
            label: `${pid} is stopped: let it go on (kill -CONT): ${commandOf(candidate.holder)}`,
          },
          end,
        ]
      : [end];
  });
  const ids = await asker.pick("Who is to be ended?", choices);
  if (ids === null) return null;
  const of = (what: string) => candidates.filter(({ holder }) => ids.includes(`${what} ${holder.pid}`));
  const ended = of("end");
  return { picked: ended, refused: [], resumed: of("resume").filter((candidate) => !ended.includes(candidate)) };
}

/**
 * Says what will happen, as it is at this moment, and asks; anew where that has changed while the person thought. Null:
 * no.
 */
async function agreed(givenAs: string, chosen: Plan, wish: Wish, how: How, person: Person): Promise<Plan | null> {
  let plan = await asItIs(givenAs, chosen, wish, how);
  for (let i = 0; i < MOST_QUESTIONS; i++) {
    if (plan.picked.length + plan.resumed.length === 0) return plan;
    person.plan(plan, how.signal);
    if ((await person.asker.yes(question(plan, how.signal))) !== true) return null;
    const now = await asItIs(givenAs, chosen, wish, how);
    if (factsOf(now) === factsOf(plan)) return now;
    person.asker.say("What it does has changed meanwhile:\n\n");
    plan = now;
  }
  return null;
}

/** Those that were chosen, by what a fresh look says of them; who holds it no more is gone. */
async function asItIs(givenAs: string, chosen: Plan, wish: Wish, how: How): Promise<Plan> {
  const seen = await look(givenAs, how.staleAfterMs);
  const candidates = isPathError(seen) ? [] : seen.candidates;
  const now = (before: readonly Candidate[]) =>
    before.flatMap((each) => candidates.find((candidate) => isSameProcess(candidate.holder, each.holder)) ?? []);
  const gone = [...chosen.picked, ...chosen.resumed].filter(
    (each) => !candidates.some((candidate) => isSameProcess(candidate.holder, each.holder)),
  );
  const refused = gone.map(({ holder }) => ({
    pid: holder.pid,
    name: nameOf(holder),
    reason: "it has ended, or has let the database go",
    gone: true,
  }));
  const guarded = guard({ picked: now(chosen.picked), refused: [...chosen.refused, ...refused] }, wish, {
    own: ownFamily(),
  });
  return { ...guarded, resumed: now(chosen.resumed) };
}

/** What a person was told, but for times. */
function factsOf({ picked, resumed }: Plan): string {
  return JSON.stringify(
    [...picked, ...resumed].map(({ holder, danger }) => [
      holder.pid,
      holder.activity,
      holder.commandLine,
      danger?.code ?? null,
    ]),
  );
}

function question({ picked, resumed }: Plan, name: Signal): string {
  const parts = [
    ...(picked.length === 0 ? [] : [`send ${name} to ${picked.map(({ holder }) => holder.pid).join(", ")}`]),
    ...(resumed.length === 0 ? [] : [`let ${resumed.map(({ holder }) => holder.pid).join(", ")} go on`]),
  ];
  const text = parts.join(", and ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}?`;
}

function plannedReport(database: DatabaseReport, { picked, refused }: Plan, how: How): KillReport {
  const planned = picked.map(({ holder, consequences }): Outcome => {
    const base = { pid: holder.pid, name: nameOf(holder), afterMs: null, holds: null, released: false, reason: null };
    return { ...base, result: "planned", signal: how.signal, consequences };
  });
  return {
    ...emptyReport(database.path, database.givenAs, true),
    outcomes: [...planned, ...refused.map(outcomeOfRefused)],
    remaining: database.holders,
    findings: database.findings,
  };
}

/** Nobody was signalled, and nothing is left to do. */
export function emptyReport(path: string, givenAs: string, dryRun: boolean): KillReport {
  return {
    schemaVersion: KILL_SCHEMA_VERSION,
    sqlock: VERSION,
    path,
    givenAs,
    dryRun,
    outcomes: [],
    remaining: [],
    restarted: [],
    findings: [],
    error: null,
  };
}

export function failedReport({ givenAs, error }: PathError, dryRun: boolean): KillReport {
  return { ...emptyReport(givenAs, givenAs, dryRun), error };
}
