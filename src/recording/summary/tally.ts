/**
 * Adds up a recording while it runs: its memory does not grow with its length. `summary()` is what is printed at the
 * end, as data. Pure.
 */
import type {
  BlockerFact,
  CountsLine,
  LockLine,
  RecordingLine,
  RefusalLine,
  TransactionLine,
  WaitLine,
} from "../lines.ts";
import type { ConnectionLine, MisuseLine } from "../program/lines.ts";
import { StatementKinds } from "../sql/kinds.ts";
import type { DatabaseSummary, RecordingState, RecordingVerdict, SummaryLine, Totals } from "../summary-line.ts";
import { BehindTally } from "./behind.ts";
import { causesOf, type TimedOut } from "./causes.ts";
import { Concerned } from "./concerned.ts";
import { ConnectionTally } from "./connection-tally.ts";
import { isBusy } from "./ended.ts";
import { withoutExplained } from "./explained.ts";
import { Frameworks } from "./frameworks.ts";
import { HoldTally } from "./holds.ts";
import { Longest } from "./longest.ts";
import { type Held, Part } from "./part.ts";
import type { Pattern } from "./pattern.ts";
import { patternRules } from "./patterns/index.ts";
import { ProcessTallies } from "./process-tallies.ts";
import type { PatternRule } from "./rule.ts";
import { Sites } from "./sites.ts";
import { ToldRefusalTally } from "./told-refusals.ts";
import { UnknownTally } from "./unknown-tally.ts";
import { NO_WAITS, WaitTally } from "./wait-tally.ts";
import { busyCounts, waitingCounts } from "./waiting-counts.ts";
import { isWriteHold } from "./wanted.ts";

export interface TallyOptions {
  /** So many waits, transactions and processes are listed. */
  readonly listed: number;
  /** A part of a recording, from 0 to this: what is longer counts for the part of it that is within. */
  readonly untilMs?: number;
  /** Shorter waits are counted, but not listed. Left out: all are. */
  readonly minWaitMs?: number;
}

interface DatabaseTally {
  writeHolds: number;
  writeHeldMs: number;
  waits: number;
  waitedMs: number;
  gaveUp: number;
  refusals: number;
}

interface Found {
  readonly behind: RecordingVerdict["behind"];
  readonly refusedBehind: RecordingVerdict["refusedBehind"];
  readonly behindTally: BehindTally;
  readonly patterns: readonly Pattern[];
  readonly atLeast: boolean;
}

const LISTED_BEHIND = 8;
/** Paths come from the command line; a recording of another's making may have more. */
const MOST_DATABASES = 1_000;

export class Tally {
  readonly #listed: number;
  readonly #part: Part;
  readonly #minWaitMs: number;
  readonly #waits: Longest<WaitLine>;
  readonly #transactions: Longest<TransactionLine>;
  readonly #processes = new ProcessTallies();
  readonly #databases = new Map<string, DatabaseTally>();
  readonly #kinds = new StatementKinds();
  readonly #behind = new BehindTally(this.#kinds);
  /** Of the runs of refusals that may be several calls. */
  readonly #behindRuns = new BehindTally(this.#kinds);
  readonly #holds = new HoldTally();
  readonly #waiting = new WaitTally();
  readonly #unknown = new UnknownTally();
  readonly #concerned = new Concerned();
  readonly #rules: readonly PatternRule[] = patternRules(this.#kinds);
  readonly #rulesOf = {
    wait: this.#rules.filter((rule) => rule.wait !== undefined),
    transaction: this.#rules.filter((rule) => rule.transaction !== undefined),
    refusal: this.#rules.filter((rule) => rule.refusal !== undefined),
    lock: this.#rules.filter((rule) => rule.lock !== undefined),
    counts: this.#rules.filter((rule) => rule.counts !== undefined),
    connection: this.#rules.filter((rule) => rule.connection !== undefined),
    misuse: this.#rules.filter((rule) => rule.misuse !== undefined),
    unknown: this.#rules.filter((rule) => rule.unknown !== undefined),
  };
  readonly #frameworks = new Frameworks();
  readonly #connections = new ConnectionTally();
  readonly #told = new ToldRefusalTally(this.#kinds);
  /** Of waits that ended with SQLITE_BUSY. */
  readonly #gaveUpAt = new Sites();
  #exact = true;
  /** Programs tell their calls. */
  #callSites = false;
  #sawAnything = false;
  #transactionCount = 0;
  #writeTransactions = 0;
  #commits = 0;
  #refusedAttempts = 0;
  #refusals = 0;
  #optionalRefusals = 0;
  /** The latest time that a line has. */
  #endMs = 0;

  constructor(options: TallyOptions = { listed: 20 }) {
    this.#listed = options.listed;
    this.#part = new Part(options.untilMs ?? null);
    this.#minWaitMs = options.minWaitMs ?? 0;
    // Runs that may be several calls stand after all others.
    this.#waits = new Longest(options.listed, (line) =>
      line.perhapsSeveralCalls === true ? line.waitedMs - Number.MAX_SAFE_INTEGER : line.waitedMs,
    );
    this.#transactions = new Longest(options.listed, (line) => (line.toMs ?? Number.POSITIVE_INFINITY) - line.fromMs);
  }

  add(line: RecordingLine): void {
    this.#concerned.add(line);
    switch (line.type) {
      case "meta":
        this.#exact = line.exact;
        this.#callSites = line.callSites === true;
        for (const { path } of line.databases) this.#database(path);
        return;
      case "process":
        this.#processes.of(line).identify(line);
        this.#frameworks.process(line);
        return;
      case "lock":
        this.#addLock(line);
        return;
      case "wait":
        this.#addWait(line);
        return;
      case "transaction":
        this.#addTransaction(line);
        return;
      case "refusal":
        this.#addRefusal(line);
        return;
      case "counts":
        this.#addCounts(line);
        return;
      case "unknown":
        this.#unknown.add(line);
        for (const rule of this.#rulesOf.unknown) rule.unknown?.(line);
        return;
      case "connection":
        this.#addConnection(line);
        return;
      case "misuse":
        this.#addMisuse(line);
        return;
      case "gap":
      case "folded":
        this.#seen(line.toMs);
        this.#unknown.add(line);
        return;
      default:
    }
  }

  /** A part of the recording could not be read, or was not written. */
  incomplete(): void {
    this.#unknown.incomplete();
  }

  /** The recording ends then: what is added from now on and has no end was held until then. */
  ends(atMs: number): void {
    this.#seen(atMs);
  }

  /** At the end. `endMs`: when the recording ended; else the latest time of its lines. */
  summary(endMs = this.#endMs): SummaryLine {
    const behindTally = this.#behindRuns.waitedMs > this.#behind.waitedMs ? this.#behindRuns : this.#behind;
    const behind = behindTally.top(LISTED_BEHIND, this.#holds);
    const seenBehind = this.#behind.topRefused(LISTED_BEHIND, this.#holds);
    const refusedBehind = seenBehind.length > 0 ? seenBehind : this.#told.behind.topRefused(LISTED_BEHIND, this.#holds);
    const waits = this.#waits.items;
    const transactions = this.#transactions.items;
    const patterns = this.#rules.flatMap((rule) => rule.found()).map((pattern) => this.#withFramework(pattern));
    const named = [...waits, ...waits.flatMap((wait) => wait.blockers), ...transactions, ...behind, ...refusedBehind];
    const processes = this.#processes.listed(this.#listed, named, patternPids(patterns));
    const atLeast = !this.#exact || this.#unknown.lostSomething;
    return {
      type: "summary",
      ...{ durationMs: endMs, exact: this.#exact, atLeast },
      verdict: this.#verdict({ behind, refusedBehind, behindTally, patterns, atLeast }),
      totals: this.#totals(),
      databases: this.#databaseSummaries(endMs),
      waits: [...waits],
      moreWaits: this.#waiting.waits + this.#waiting.runs.times - waits.length,
      transactions: [...transactions],
      moreTransactions: this.#transactionCount - transactions.length,
      processes: processes.map((process) => process.summary),
      moreProcesses: this.#processes.count - processes.length,
      patterns: withoutExplained(patterns),
      unknown: this.#unknown.summary(this.#concerned),
      ...this.#connections.summary(this.#listed),
    };
  }

  #addLock(line: LockLine): void {
    this.#sawAnything = true;
    this.#seen(line.toMs ?? line.fromMs);
    const held = this.#part.held(line, this.#endMs);
    this.#processes.of(line).addLock(line, held);
    this.#holds.addLock(line, held);
    if (isWriteHold(line)) {
      const database = this.#database(line.path);
      database.writeHolds++;
      database.writeHeldMs += held.withinMs;
    }
    for (const rule of this.#rulesOf.lock) rule.lock?.(line);
  }

  #addWait(line: WaitLine): void {
    this.#sawAnything = true;
    this.#seen(line.fromMs + line.waitedMs);
    if (line.waitedMs >= this.#minWaitMs) this.#waits.offer(line);
    this.#refusedAttempts += line.attempts;
    this.#processes.of(line).addWait(line, this.#kinds);
    const database = this.#database(line.path);
    const isRun = line.perhapsSeveralCalls === true;
    if (!isRun) {
      database.waits++;
      database.waitedMs += line.waitedMs;
    }
    if (this.#waiting.addWait(line) === "busy") {
      database.gaveUp++;
      this.#gaveUpAt.add(line.callSite, line.waitedMs);
    }
    for (const blocker of line.blockers) this.#processes.of(blocker).blockedOthersMs += blocker.blockedMs;
    const behind = isRun ? this.#behindRuns : this.#behind;
    behind.addWait(line, (blocker) => this.#recentOf(blocker));
    this.#unknown.addWait(line);
    for (const rule of this.#rulesOf.wait) rule.wait?.(line);
  }

  #addTransaction(line: TransactionLine): void {
    this.#sawAnything = true;
    this.#seen(line.toMs ?? line.fromMs);
    this.#transactions.offer(line);
    this.#transactionCount++;
    this.#unknown.addTransaction(line);
    const wrote = this.#wrote(line);
    const isCommit = wrote !== null && line.outcome === "commit" && this.#part.hasEndOf(line);
    this.#processes.of(line).addTransaction(line, wrote, isCommit);
    if (wrote !== null) this.#writeTransactions++;
    if (isCommit) this.#commits++;
    this.#behind.addTransaction(line);
    this.#behindRuns.addTransaction(line);
    this.#told.behind.addTransaction(line);
    for (const site of [line.callSite, line.program?.endedAt]) this.#frameworks.site(line.pid, site);
    for (const rule of this.#rulesOf.transaction) rule.transaction?.(line);
  }

  #addRefusal(line: RefusalLine): void {
    this.#sawAnything = true;
    this.#seen(line.atMs);
    this.#refusedAttempts++;
    if (isBusy(line.result)) {
      this.#refusals++;
      this.#database(line.path).refusals++;
    }
    this.#processes.of(line).addRefusal(line, this.#kinds);
    this.#frameworks.site(line.pid, line.callSite);
    if (!this.#exact || line.blockers !== undefined) this.#told.add(line, (blocker) => this.#recentOf(blocker));
    for (const rule of this.#rulesOf.refusal) rule.refusal?.(line);
  }

  #addCounts(line: CountsLine): void {
    this.#sawAnything = true;
    this.#seen(line.toMs);
    const { holds, runs = NO_WAITS } = line;
    const waits = line.waits ?? NO_WAITS;
    this.#processes.of(line).addCounts(line);
    this.#transactionCount += line.transactions ?? 0;
    this.#writeTransactions += line.writeTransactions ?? 0;
    this.#commits += line.commits ?? 0;
    this.#optionalRefusals += line.optionalRefusals ?? 0;
    this.#waiting.addCounts(line);
    this.#holds.addCounts(line);
    for (const each of [waits, runs]) this.#refusedAttempts += each.attempts ?? each.times;
    this.#refusedAttempts += line.refusals ?? 0;
    this.#refusals += line.refusals ?? 0;
    this.#behind.addUnknown(waits.totalMs);
    this.#behindRuns.addUnknown(runs.totalMs);
    const database = this.#database(line.path);
    database.waits += waits.times;
    database.waitedMs += waits.totalMs;
    database.gaveUp += line.gaveUp ?? 0;
    database.refusals += line.refusals ?? 0;
    for (const hold of [holds.WRITE, holds.RESERVED]) {
      database.writeHolds += hold?.times ?? 0;
      database.writeHeldMs += hold?.totalMs ?? 0;
    }
    for (const rule of this.#rulesOf.counts) rule.counts?.(line);
  }

  #addConnection(line: ConnectionLine): void {
    this.#seen(line.closedMs ?? line.openedMs);
    this.#processes.of(line).isTold = true;
    this.#connections.add(line);
    this.#frameworks.driver(line.pid, line.driver);
    this.#frameworks.library(line.pid, line.library);
    for (const site of [line.openedAt, line.closedAt]) this.#frameworks.site(line.pid, site);
    for (const rule of this.#rulesOf.connection) rule.connection?.(line);
  }

  #addMisuse(line: MisuseLine): void {
    this.#seen(line.atMs);
    this.#processes.of(line).isTold = true;
    for (const site of [line.callSite, line.openedAt, line.closedAt]) this.#frameworks.site(line.pid, site);
    for (const rule of this.#rulesOf.misuse) rule.misuse?.(line);
  }

  #recentOf(blocker: BlockerFact): readonly TransactionLine[] {
    return this.#processes.of(blocker).recent;
  }

  #withFramework(pattern: Pattern): Pattern {
    const framework = this.#frameworks.of(pattern.pids[0]);
    return framework === null ? pattern : { ...pattern, framework };
  }

  #wrote({ writeFromMs, toMs, atLeast }: TransactionLine): Held | null {
    if (writeFromMs === null) return null;
    const wrote = { fromMs: writeFromMs, toMs, atLeast };
    return this.#part.has(wrote) ? this.#part.held(wrote, writeFromMs) : null;
  }

  #seen(atMs: number): void {
    if (atMs > this.#endMs) this.#endMs = atMs;
  }

  #database(path: string): DatabaseTally {
    const known = this.#databases.get(path);
    if (known !== undefined) return known;
    const database = { writeHolds: 0, writeHeldMs: 0, waits: 0, waitedMs: 0, gaveUp: 0, refusals: 0 };
    if (this.#databases.size < MOST_DATABASES) this.#databases.set(path, database);
    return database;
  }

  #databaseSummaries(endMs: number): DatabaseSummary[] {
    return [...this.#databases].map(([path, database]) => ({
      ...{ path, ...database },
      writeHeldShare: endMs > 0 ? Math.min(1, database.writeHeldMs / endMs) : 0,
    }));
  }

  #totals(): Totals {
    return {
      writeHolds: [...this.#databases.values()].reduce((sum, { writeHolds }) => sum + writeHolds, 0),
      ...{ transactions: this.#transactionCount, writeTransactions: this.#writeTransactions, commits: this.#commits },
      ...{ waits: this.#waiting.waits, waitedMs: this.#behind.waitedMs, refusedAttempts: this.#refusedAttempts },
      ...{ gaveUp: this.#waiting.ended.busy, refusals: this.#refusals, optionalRefusals: this.#optionalRefusals },
      ...{ processes: this.#processes.count, lostEvents: this.#unknown.lostEvents, gaps: this.#unknown.gaps },
    };
  }

  #state(): RecordingState {
    if (this.#waiting.ended.busy + this.#refusals > 0) return "refusals";
    if (this.#waiting.waits + this.#waiting.runs.times > 0) return "waits";
    if (!this.#sawAnything) return "nothing";
    return this.#exact ? "no-waits" : "waits-not-seen";
  }

  #verdict({ behind, refusedBehind, behindTally, patterns, atLeast }: Found): RecordingVerdict {
    const { waits, longestMs, ended, atOnce, timedOut, longWaits, runs, withinProcess } = this.#waiting;
    return {
      state: this.#state(),
      ...{
        exact: this.#exact,
        atLeast,
        waiting: waitingCounts(this.#processes.all),
        busy: busyCounts(this.#processes.all),
        waits,
      },
      ...{ refusedAttempts: this.#refusedAttempts, waitedMs: this.#behind.waitedMs },
      ...{ longestWaitMs: longestMs, gaveUp: ended.busy, refusals: this.#refusals },
      ...{ ended: { ...ended }, atOnce, longWaits, runs: runs.summary, withinProcess: withinProcess.summary },
      causes: causesOf(patterns, ended.busy + this.#refusals, this.#timedOut(timedOut)),
      ...{ refusedBehind, behind, behindStatements: behindTally.topStatements(LISTED_BEHIND, this.#holds) },
      ...{ unknownShare: behindTally.unknownShare, oversleptShare: behindTally.oversleptShare },
      ...(this.#callSites ? { callSites: true } : {}),
      ...this.#told.summary,
    };
  }

  /** Those that were seen, and those that the programs alone tell of. */
  #timedOut(seen: number): TimedOut[] {
    const { timedOut, longestMs, sites } = this.#told;
    return [
      { times: seen, sure: "proved", longestMs: 0, callSite: this.#gaveUpAt.most },
      { times: timedOut, sure: "likely", longestMs, callSite: sites.most },
    ];
  }
}

function patternPids(patterns: readonly Pattern[]): ReadonlySet<number> {
  return new Set(
    patterns.flatMap((pattern) =>
      pattern.id === "checkpoint-kept-busy" ? [...pattern.pids, ...pattern.evidence.readerPids] : pattern.pids,
    ),
  );
}
