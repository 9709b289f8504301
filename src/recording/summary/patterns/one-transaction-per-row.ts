/**
 * A loop that commits after each statement: each commit takes the lock, writes and syncs again. It is a loop where one
 * thread commits the same single statement time after time with less than 50 ms between: the work of a program for one
 * row; two requests to a server by the same thread are rarely so close, and not 20 in a row. All such runs together
 * count from 100 commits on: below, one transaction would save less than a second even on a slow disk.
 */
import type { CallSite, CountsLine, TransactionLine } from "../../lines.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import type { OneTransactionPerRow } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";
import { Spans } from "../spans.ts";

const PAUSE_MS = 50;
const RUN = 20;
/** A loop may stop for so long, where it is known to be one. */
const HICCUP_MS = 1_000;
const COMMITS = 100;
const MOST_RUNS = 1_000;

interface Run {
  readonly path: string;
  readonly pid: number;
  readonly sql: string | null;
  readonly sites: Sites;
  commits: number;
  heldMs: number;
  readonly fromMs: number;
  toMs: number;
}

/** Of one thread's statement. */
interface Extent {
  fromMs: number;
  toMs: number;
}

interface Loops {
  readonly evidence: Evidence;
  /** By statement. */
  readonly commits: Map<string | null, number>;
  readonly sites: Sites;
  total: number;
  heldMs: number;
  /** By process and statement. */
  readonly extents: Map<string, Extent>;
  /** Runs that are too short by themselves: the rest of their loop may be counts. */
  readonly short: Run[];
  /** In which they ran: of several processes at the same time it counts once. */
  readonly spans: Spans;
}

const MOST_STATEMENTS = 1_000;

export class OneTransactionPerRowRule implements PatternRule {
  readonly #kinds: StatementKinds;
  /** By thread: what it runs now. */
  readonly #runs = new Map<number, Run>();
  readonly #byPath = new ByPath(
    (): Loops => ({
      ...{ evidence: new Evidence(), commits: new Map(), sites: new Sites(), total: 0, heldMs: 0, spans: new Spans() },
      ...{ extents: new Map(), short: [] },
    }),
  );

  constructor(kinds: StatementKinds) {
    this.#kinds = kinds;
  }

  transaction(line: TransactionLine): void {
    const { tid, pid, path, writeFromMs, fromMs, toMs } = line;
    const sql = line.outcome === "commit" ? (this.#kinds.onlyChange(line)?.sql ?? null) : null;
    if (sql === null || writeFromMs === null || toMs === null) {
      this.#end(tid);
      return;
    }
    const run = this.#runs.get(tid);
    const goesOn =
      run !== undefined && run.sql === sql && run.path === path && run.pid === pid && fromMs - run.toMs < PAUSE_MS;
    if (goesOn) {
      run.commits++;
      run.sites.add(line.callSite);
      run.heldMs += toMs - writeFromMs;
      run.toMs = toMs;
      return;
    }
    this.#end(tid);
    if (this.#runs.size >= MOST_RUNS) for (const other of this.#runs.keys()) this.#end(other);
    const sites = sitesOf(line.callSite, 1);
    this.#runs.set(tid, { path, pid, sql, sites, commits: 1, heldMs: toMs - writeFromMs, fromMs, toMs });
  }

  /** Of one second: as many as a run of such has at least. */
  counts({ pid, path, fromMs, toMs, oneStatement }: CountsLine): void {
    for (const { sql, times, heldMs, callSite = null } of oneStatement ?? []) {
      const least = Math.max(RUN, (RUN * (toMs - fromMs)) / 1_000);
      if (times >= least)
        this.#add({ path, pid, sql, sites: sitesOf(callSite, times), commits: times, heldMs, fromMs, toMs });
    }
  }

  found(): OneTransactionPerRow[] {
    for (const tid of this.#runs.keys()) this.#end(tid);
    for (const [, loops] of this.#byPath) this.#addShort(loops);
    return [...this.#byPath]
      .filter(([, { total }]) => total >= COMMITS)
      .map(([path, { evidence, commits, sites, total, heldMs, spans }]) => ({
        ...{ id: "one-transaction-per-row", severity: "info", sure: "proved", path, pids: evidence.pids },
        sql: mostFrequent(commits),
        evidence: { commits: total, heldMs, overMs: spans.totalMs, ...known("changedAt", sites.first) },
        ...{ fix: "one-transaction", explain: "transaction" },
      }));
  }

  #end(tid: number): void {
    const run = this.#runs.get(tid);
    if (run === undefined) return;
    this.#runs.delete(tid);
    if (run.commits >= RUN) {
      this.#add(run);
      return;
    }
    const { short } = this.#byPath.of(run.path);
    if (short.length < MOST_RUNS) short.push(run);
  }

  /** Those that ran in the middle of a loop, or next to it. */
  #addShort({ short, extents }: Loops): void {
    for (const run of short.splice(0)) {
      const extent = extents.get(keyOf(run));
      if (extent === undefined || run.toMs < extent.fromMs - HICCUP_MS || run.fromMs > extent.toMs + HICCUP_MS)
        continue;
      this.#add(run);
    }
  }

  #add(run: Run): void {
    const { path, pid, sql, sites, commits, heldMs, fromMs, toMs } = run;
    const loops = this.#byPath.of(path);
    const extent = loops.extents.get(keyOf(run));
    if (extent !== undefined) {
      extent.fromMs = Math.min(extent.fromMs, fromMs);
      extent.toMs = Math.max(extent.toMs, toMs);
    } else if (loops.extents.size < MOST_STATEMENTS) loops.extents.set(keyOf(run), { fromMs, toMs });
    loops.evidence.add(pid, sql, commits);
    loops.total += commits;
    loops.sites.add(sites.first, commits);
    loops.heldMs += heldMs;
    loops.spans.add(fromMs, toMs);
    const known = loops.commits.get(sql);
    if (known !== undefined || loops.commits.size < MOST_STATEMENTS) loops.commits.set(sql, (known ?? 0) + commits);
  }
}

function keyOf({ pid, sql }: Run): string {
  return `${pid} ${sql ?? ""}`;
}

function sitesOf(site: CallSite | null, weight: number): Sites {
  const sites = new Sites();
  sites.add(site, weight);
  return sites;
}

function mostFrequent(commits: ReadonlyMap<string | null, number>): string | null {
  return [...commits].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
