/** A database, and what is asked for, become a report. */
import { statSync } from "node:fs";
import { UserError } from "../../errors.ts";
import { mainReasonOf } from "../../render/integrity/document.ts";
import { VERSION } from "../../version.ts";
import { checkDatabase } from "../integrity/check-database.ts";
import { Book } from "./book.ts";
import { changeFor } from "./cure.ts";
import { corruptAlready } from "./faults.ts";
import { runJob } from "./job.ts";
import { Measure } from "./measure.ts";
import {
  type Cure,
  isSound,
  type MatrixReport,
  type RunReport,
  STRESS_SCHEMA_VERSION,
  type StressReport,
  type Verification,
} from "./report.ts";
import { randomOfVictims } from "./sequence.ts";
import type { Combination, Plan, Settings } from "./settings.ts";
import { makeReady, type Notes, type Ready, type Site, siteOf } from "./site.ts";
import { type Result, verdictOf } from "./verdict.ts";
import { type Killed, runRound } from "./workers.ts";

/** Told five times a second, for a bar. */
export interface Progress {
  readonly commits: number;
  readonly errors: number;
  readonly doneMs: number;
  readonly allMs: number;
}

/** How long the change that should help is tried. */
const CURE_MS = 2000;

/** In a matrix: how long one combination has its turn, and into how many turns its time is cut. */
const TURN_MS = 3000;
const LEAST_TURNS = 2;
const MOST_TURNS = 5;
const LEAST_TURN_MS = 250;

const CHECK = {
  quick: false,
  foreignKeys: false,
  maxProblems: 10,
  copy: false,
  allowCompanions: true,
  waitMs: 30_000,
  timeoutMs: 3_600_000,
};

/** `left`: what could not be taken away again. */
export interface Outcome {
  readonly report: StressReport | MatrixReport;
  readonly left: UserError | null;
}

/** @throws UserError for what a person can mend. */
export async function stress(
  givenAs: string | null,
  plan: Plan,
  onProgress: (progress: Progress) => void,
): Promise<Outcome> {
  const site = await siteOf(givenAs, plan);
  let kept = false;
  const keep = (notes: Notes) => {
    kept = true;
    return site.keep(notes);
  };
  let report: StressReport | MatrixReport;
  try {
    await refuseCorrupt(site);
    const head = { schemaVersion: STRESS_SCHEMA_VERSION, sqlock: VERSION } as const;
    report =
      plan.matrix === null
        ? { ...head, ...(await runOne(site, plan.settings, keep, onProgress)) }
        : { ...head, rows: await runMatrix(site, plan.settings, plan.matrix, keep, onProgress) };
  } catch (error) {
    if (!kept) await site.remove();
    throw error;
  }
  return { report, left: kept ? null : await removed(site) };
}

/** What was measured is not lost with it. */
async function removed(site: Site): Promise<UserError | null> {
  try {
    await site.remove();
    return null;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** @throws UserError */
async function refuseCorrupt({ givenAs, inPlace, copy }: Site): Promise<void> {
  const path = inPlace ?? copy;
  if (path === null || givenAs === null) return;
  const checked = await checkDatabase(path, CHECK, null);
  if (checked.verdict !== "corrupt") return;
  throw corruptAlready(givenAs, mainReasonOf(checked) ?? "");
}

type Keep = (notes: Notes) => string;

/** One database with its load. */
interface Bench {
  readonly ready: Ready;
  readonly settings: Settings;
  readonly book: Book;
  readonly measure: Measure;
  killed: Killed;
}

async function benchOf(site: Site, name: string | null, settings: Settings): Promise<Bench> {
  const ready = await makeReady(site, name, settings.journalMode);
  return {
    ready,
    settings,
    book: new Book(),
    measure: new Measure(settings.busyTimeoutMs),
    killed: { byUs: 0, byOthers: 0, signals: [], stuck: 0 },
  };
}

async function runOne(
  site: Site,
  settings: Settings,
  keep: Keep,
  onProgress: (progress: Progress) => void,
): Promise<RunReport> {
  const bench = await benchOf(site, null, settings);
  const { measure } = bench;
  const onTick = (atMs: number) =>
    onProgress({
      commits: measure.commits,
      errors: measure.failed,
      doneMs: Math.min(atMs, settings.durationMs),
      allMs: settings.durationMs,
    });
  await runTurn(site, bench, settings.durationMs, randomOfVictims(settings.seed), onTick);
  const cure = await tryCure(site, bench);
  return finish(site, bench, cure, keep);
}

/** By turns, so that a machine that is busy for a while is busy for all. */
async function runMatrix(
  site: Site,
  settings: Settings,
  combinations: readonly Combination[],
  keep: Keep,
  onProgress: (progress: Progress) => void,
) {
  const benches: Bench[] = [];
  for (const [i, combination] of combinations.entries())
    benches.push(await benchOf(site, `database-${i + 1}`, { ...settings, ...combination }));
  const turns = turnsOf(settings.durationMs);
  const turnMs = settings.durationMs / turns;
  const victims = randomOfVictims(settings.seed);
  const allMs = settings.durationMs * combinations.length;
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, bench] of benches.entries()) {
      const before = (turn * benches.length + i) * turnMs;
      const onTick = (atMs: number) =>
        onProgress({
          commits: benches.reduce((sum, { measure }) => sum + measure.commits, 0),
          errors: benches.reduce((sum, { measure }) => sum + measure.failed, 0),
          doneMs: before + Math.min(atMs, turnMs),
          allMs,
        });
      await runTurn(site, bench, turnMs, victims, onTick);
    }
  }
  const rows: RunReport[] = [];
  for (const bench of benches) rows.push(await finish(site, bench, null, keep));
  return rows.sort((a, b) => errorsOf(a) - errorsOf(b) || b.commitsPerSecond - a.commitsPerSecond);
}

/** Several where there is time for them: 10 s are three turns. */
export function turnsOf(durationMs: number): number {
  const most = Math.max(1, Math.floor(durationMs / LEAST_TURN_MS));
  return Math.min(most, MOST_TURNS, Math.max(LEAST_TURNS, Math.round(durationMs / TURN_MS)));
}

function errorsOf({ errors }: RunReport): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

async function runTurn(
  site: Site,
  bench: Bench,
  durationMs: number,
  victims: ReturnType<typeof randomOfVictims>,
  tick: (atMs: number) => void,
) {
  const { ready, settings, book, measure } = bench;
  const onTick = (atMs: number) => {
    const bytes = sizeOf(`${ready.path}-wal`);
    if (bytes !== null && atMs >= 0 && atMs < durationMs) measure.wal(atMs, bytes);
    tick(atMs);
  };
  measure.startRound(durationMs);
  const { table, guard } = site;
  const { byUs, byOthers, signals, stuck } = await runRound({
    path: ready.path,
    table,
    settings,
    durationMs,
    book,
    measure,
    guard,
    victims,
    onTick,
  });
  const { killed } = bench;
  bench.killed = {
    byUs: killed.byUs + byUs,
    byOthers: killed.byOthers + byOthers,
    signals: [...new Set([...killed.signals, ...signals])],
    stuck: killed.stuck + stuck,
  };
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}

/** What helps is not only said: it is tried on the same database. */
async function tryCure(site: Site, bench: Bench): Promise<Cure | null> {
  const change = changeFor(bench.settings, bench.measure.failures);
  if (change === null) return null;
  const settings: Settings = { ...bench.settings, ...change.settings, killEveryMs: null };
  const measure = new Measure(settings.busyTimeoutMs);
  await runTurn(
    site,
    { ...bench, settings, measure },
    Math.min(CURE_MS, settings.durationMs),
    randomOfVictims(settings.seed),
    () => undefined,
  );
  const errors = measure.failures.filter(({ role }) => role === "writer").reduce((sum, { count }) => sum + count, 0);
  return { option: change.option, transactions: measure.commits + errors, errors };
}

async function finish(site: Site, bench: Bench, cure: Cure | null, keep: Keep): Promise<RunReport> {
  const { ready, settings, measure, killed } = bench;
  const verification = await verify(site, bench);
  const failed = measure.failures.filter(({ role }) => role === "writer").reduce((sum, { count }) => sum + count, 0);
  const seconds = settings.durationMs / 1000;
  const result: Result = {
    settings: {
      database: site.givenAs,
      ...settings,
      journalMode: ready.journalMode,
      pageSize: ready.pageSize,
      inPlace: site.inPlace !== null,
    },
    commits: measure.commits,
    reads: measure.reads,
    transactions: measure.commits + failed,
    commitsPerSecond: tenths(measure.commits / seconds),
    readsPerSecond: tenths(measure.reads / seconds),
    errors: errorsByCode(measure),
    failures: measure.failures,
    retries: measure.retries,
    longestWaitMs: measure.longestWaitMs,
    latencyMs: measure.latencies,
    histogram: measure.steps,
    fairness: measure.fairness(settings.writers),
    walBytes: measure.mostWalBytes,
    perSecond: measure.seconds,
    workersKilled: killed.byUs,
    workersKilledByOthers: killed.byOthers,
    signalsOfOthers: killed.signals,
    workersStuck: killed.stuck,
    verification,
    cure,
    evidence: null,
  };
  if (isSound(result)) return { ...result, verdict: verdictOf(result) };
  const { seed, rows } = settings;
  const evidence = keep({ seed, rows, database: ready.path, accounts: bench.book.accounts, verification });
  return { ...result, evidence, verdict: verdictOf({ ...result, evidence }) };
}

function tenths(number: number): number {
  return Math.round(number * 10) / 10;
}

function errorsByCode({ failures }: Measure): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { code, count } of failures) all[code] = (all[code] ?? 0) + count;
  return all;
}

async function verify(site: Site, { ready, settings, book }: Bench): Promise<Verification> {
  const job = {
    kind: "verify",
    path: ready.path,
    table: site.table,
    seed: settings.seed,
    rows: settings.rows,
    accounts: book.accounts,
  } as const;
  const answer = await runJob(job, site.givenAs ?? ready.path);
  if (answer.kind !== "verified") throw new Error(`the worker told of ${answer.kind}`);
  const checked = await checkDatabase(ready.path, CHECK, null);
  return { ...answer.compared, integrity: checked.verdict, integrityReason: mainReasonOf(checked) };
}
