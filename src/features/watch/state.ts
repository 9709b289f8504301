/** What the screen shows, gathered from events and looks: of each database, and of all of them. Pure. */
import type { DatabaseReport } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";
import { unseenMatters } from "../../model/unseen-processes.ts";
import type { SourceKind } from "../../recording/source.ts";
import { DatabaseState } from "./database-state.ts";
import type { WatchEvent } from "./event.ts";
import { lockOfEvent } from "./held-lock.ts";
import { LiveLog } from "./live-log.ts";
import type { ProblemView, View } from "./view.ts";
import type { WalGrowth } from "./wal-growth.ts";

/** What a look found. */
export interface LookResult {
  readonly reports: ReadonlyMap<string, DatabaseReport | null>;
  /** In ms: it need not know what came later. */
  readonly beganMs: number;
  readonly unseen: Unseen | null;
  /** By path. */
  readonly walGrowths: ReadonlyMap<string, WalGrowth | null>;
}

export class LiveState {
  readonly #databases: ReadonlyMap<string, DatabaseState>;
  readonly #startedMs: number;
  readonly #source: SourceKind;
  readonly #log = new LiveLog();
  #unseen: Unseen | null = null;
  #mostNotes = 0;
  #problem: ProblemView | null = null;

  constructor(paths: readonly string[], startedMs: number, source: SourceKind = "sampled") {
    this.#source = source;
    this.#databases = new Map(paths.map((path) => [path, new DatabaseState(path, this.#log)]));
    this.#startedMs = startedMs;
  }

  addLook({ reports, beganMs, unseen, walGrowths }: LookResult): void {
    this.#unseen = unseen;
    for (const [path, report] of reports)
      this.#databases.get(path)?.addLook(report, beganMs, walGrowths.get(path) ?? null);
  }

  addEvents(events: readonly WatchEvent[]): void {
    for (const event of events) {
      const state = this.#databases.get(event.path);
      if (state === undefined) continue;
      const lock = event.event === "alert" ? null : lockOfEvent(event);
      if (lock === null) {
        state.addOther(event);
        // of a gap one row is enough
        if (event.gapMs === undefined || event.path === this.#databases.keys().next().value) this.#log.add(event);
      } else if (event.pid !== null) state.addLock(event, event.pid, lock);
    }
  }

  addProblem(problem: ProblemView): void {
    this.#problem = problem;
  }

  /** `unreadMs`: for so long of the time since the start nothing was read, and is not counted as watched. */
  view(nowMs: number, unreadMs = 0): View {
    const startedMs = this.#startedMs;
    const databases = [...this.#databases.values()].map((state) => state.view(nowMs, startedMs, unreadMs));
    const problem = this.#problem === null ? {} : { problem: this.#problem };
    const findings = databases.reduce((sum, database) => sum + database.findings.length, 0);
    const reports = databases.flatMap(({ report }) => report ?? []);
    const unseen = unseenMatters(this.#unseen, reports) ? this.#unseen : null;
    const notes = findings + (unseen === null ? 0 : 1) + (this.#problem === null ? 0 : 1);
    this.#mostNotes = Math.max(this.#mostNotes, notes);
    const most = { notes: this.#mostNotes };
    return { nowMs, startedMs, source: this.#source, databases, log: this.#log.rows, unseen, most, ...problem };
  }
}
