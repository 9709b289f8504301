/** Lines of a recording in, events of a trace out. Pure. */
import type { Blank, HistoryFacts } from "../../recording/history/history.ts";
import type { BlockerFact, LockLine, RecordingLine, TransactionLine, WaitLine } from "../../recording/lines.ts";
import type { WalLine } from "../../recording/state-lines.ts";
import { LOCK_NAMES } from "../../sqlite/locks.ts";
import { databaseName } from "../record/places.ts";
import { shortSql } from "../record/words.ts";
import * as args from "./args.ts";
import { countsCounters, walCounters } from "./counters.ts";
import { type Args, nsOf, type TraceEvent, usOf } from "./event.ts";
import { Flows, keyOfLock, type Place } from "./flows.ts";
import { TraceProcesses } from "./processes.ts";
import { TrackTable } from "./tracks.ts";

/** Order of the tracks of a process. */
const WAITS = 0;
const TRANSACTIONS = 1;
const LOCKS = 2;
const CONNECTIONS = LOCKS + LOCK_NAMES.length;

/** The name of a slice. */
const MOST_SQL = 60;

const WHY_BLANK: Record<Blank["why"], string> = {
  "no-recorder": "not recorded",
  "disk-full": "not recorded: it could not be written (the disk was full, say)",
  lost: "events lost",
  "switched-off": "tracing switched off by another program",
  damaged: "lines that could not be read",
};

export class Trace {
  readonly #emit: (event: TraceEvent) => void;
  readonly #facts: HistoryFacts;
  readonly #originMs: number;
  readonly #databases: readonly { readonly path: string }[];
  readonly #processes = new TraceProcesses();
  readonly #tracks: TrackTable;
  readonly #flows: Flows;
  /** Whether the last line of a database had its frames. */
  readonly #walKnown = new Map<string, boolean>();

  /** `originMs`: on the axis, where the trace begins. What began before begins there. */
  constructor(
    facts: HistoryFacts,
    originMs: number,
    databases: readonly { readonly path: string }[],
    emit: (event: TraceEvent) => void,
  ) {
    this.#facts = facts;
    this.#originMs = originMs;
    this.#databases = databases;
    this.#emit = emit;
    this.#tracks = new TrackTable(emit);
    this.#flows = new Flows(emit);
  }

  add(line: RecordingLine): void {
    switch (line.type) {
      case "process":
        this.#processes.add(line);
        return;
      case "lock":
        this.#lock(line);
        return;
      case "wait":
        this.#wait(line);
        return;
      case "transaction":
        this.#transaction(line);
        return;
      case "refusal":
        this.#instant(this.#processes.of(line), "waits", WAITS, line.result, line.atMs, args.refusalArgs(line));
        return;
      case "misuse":
        this.#instant(this.#processes.of(line), "waits", WAITS, line.kind, line.atMs, args.misuseArgs(line));
        return;
      case "connection": {
        const { openedMs, closedMs, driver, tid } = line;
        const on = { pid: this.#processes.of(line), name: "connections", order: CONNECTIONS, owner: tid };
        const toMs = closedMs ?? this.#endOf(openedMs);
        this.#slice(on, "connection", driver, openedMs, toMs, args.connectionArgs(line));
        return;
      }
      case "wal":
        this.#wal(line);
        return;
      case "counts": {
        const label = this.#labelOf(line.path);
        const [from, to] = [usOf(this.#ns(line.fromMs)), usOf(this.#ns(line.toMs))];
        for (const event of countsCounters(line, label, this.#processes.of(line), from, to)) this.#emit(event);
        return;
      }
      case "database":
        this.#instant(this.#processes.ofDatabase(line.path), "file", 0, `database ${line.change}`, line.atMs, {});
        return;
      case "clock": {
        const about = { wall_clock: line.wallClock };
        this.#instant(this.#processes.recording, "clock", 1, line.wallClock, line.atMs, about);
        return;
      }
      case "unknown": {
        const { what, why, pids, atMs } = line;
        this.#instant(this.#processes.recording, "not known", 2, `${what}: ${why}`, atMs, { what, why, pids });
        return;
      }
      case "folded":
        this.#ofRecording("only counted", 3, "became counts", line.fromMs, line.toMs, { lines: line.lines });
        return;
      default: // `gap` is among the blanks; what `open` tells has lines of its own
    }
  }

  /** After the last line. `facts`: with all blanks. */
  end({ blanks, suspensions }: HistoryFacts): void {
    for (const [key, [first]] of this.#flows.unknown())
      if (first !== undefined) this.#lockOf(key, first.blocker, first.path);
    for (const { why, fromMs, toMs } of blanks) this.#ofRecording("blanks", 0, WHY_BLANK[why], fromMs, toMs, { why });
    for (const { atMs, lengthMs } of suspensions)
      this.#instant(this.#processes.recording, "clock", 1, "the machine slept", atMs, { slept_ms: lengthMs });
    for (const name of this.#processes.names()) this.#emit(name);
  }

  #lock(line: LockLine): void {
    const { lock, fromMs, tid, path } = line;
    const pid = this.#processes.of(line);
    const on = { ...this.#lockTrack(pid, lock, path), owner: tid };
    const place = this.#slice(on, "lock", lock, fromMs, line.toMs ?? this.#endOf(fromMs), args.lockArgs(line));
    if (place !== null) this.#flows.lock(keyOfLock(pid, path, line), place);
  }

  /** Of a lock that has no line of its own. */
  #lockOf(key: string, blocker: BlockerFact, path: string): void {
    const { lock, fromMs, heldMs, tid } = blocker;
    const on = { ...this.#lockTrack(this.#processes.of(blocker), lock, path), owner: tid ?? 0 };
    const place = this.#slice(on, "lock", lock, fromMs, fromMs + heldMs, args.blockerLockArgs(blocker, path));
    if (place !== null) this.#flows.lock(key, place);
  }

  #wait(line: WaitLine): void {
    const { lock, outcome, fromMs, waitedMs, path, tid } = line;
    const pid = this.#processes.of(line);
    const name = outcome === "gave-up" ? `gave up: ${lock}` : `waits for ${lock}`;
    const on = { pid, name: `waits${this.#labelOf(path)}`, order: WAITS, owner: tid };
    const wait = this.#slice(on, "wait", name, fromMs, fromMs + waitedMs, args.waitArgs(line));
    if (wait === null) return;
    for (const blocker of line.blockers) {
      const key = keyOfLock(this.#processes.of(blocker), path, blocker);
      this.#flows.wait(key, { wait, blocker, path, sure: line.sure === undefined });
    }
  }

  #transaction(line: TransactionLine): void {
    const { fromMs, kind, tid, path } = line;
    const name = kind === "upgrade" ? "transaction: read, then write" : `${kind} transaction`;
    const on = {
      ...{ pid: this.#processes.of(line), name: `transactions${this.#labelOf(path)}` },
      ...{ order: TRANSACTIONS, owner: tid },
    };
    const toMs = line.toMs ?? this.#endOf(fromMs);
    const place = this.#slice(on, "transaction", name, fromMs, toMs, args.transactionArgs(line));
    if (place !== null) this.#statements(line, place);
  }

  /** Within their transaction, one after the other. */
  #statements({ statements }: TransactionLine, { pid, tid, fromNs, toNs }: Place): void {
    let endNs = fromNs;
    for (const fact of statements.toSorted((a, b) => a.atMs - b.atMs)) {
      const begin = Math.max(endNs, this.#ns(fact.atMs));
      const end = Math.min(toNs, this.#ns(fact.atMs + fact.ms));
      if (end < begin) continue;
      endNs = end;
      const name = fact.sql === null ? "statement" : shortSql(fact.sql, MOST_SQL);
      const on = { ph: "X", cat: "statement", pid, tid, name } as const;
      this.#emit({ ...on, ts: usOf(begin), dur: usOf(end - begin), args: args.statementArgs(fact) });
    }
  }

  #wal(line: WalLine): void {
    const pid = this.#processes.ofDatabase(line.path);
    for (const event of walCounters(line, pid, usOf(this.#ns(line.atMs)))) this.#emit(event);
    const isKnown = line.frames !== null && line.pinned !== null;
    if (!isKnown && line.bytes !== null && this.#walKnown.get(line.path) !== false)
      this.#instant(pid, "file", 0, "frames of the WAL not known from here on", line.atMs, {});
    this.#walKnown.set(line.path, isKnown);
  }

  #lockTrack(pid: number, lock: LockLine["lock"], path: string) {
    return { pid, name: `${lock}${this.#labelOf(path)}`, order: LOCKS + LOCK_NAMES.indexOf(lock) };
  }

  #ofRecording(name: string, order: number, text: string, fromMs: number, toMs: number, about: Args): void {
    const on = { pid: this.#processes.recording, name, order, owner: 0 };
    this.#slice(on, "recording", text, fromMs, toMs, about);
  }

  /** Null: it is not in the trace. */
  #slice(
    on: { readonly pid: number; readonly name: string; readonly order: number; readonly owner: number },
    cat: string,
    name: string,
    fromMs: number,
    toMs: number,
    about: Args,
  ): Place | null {
    const fromNs = this.#ns(fromMs);
    const toNs = Math.max(fromNs, this.#ns(toMs));
    const tid = this.#tracks.place(on.pid, on.name, on.order, fromNs, toNs, on.owner);
    if (tid === null) return null;
    const { pid } = on;
    const before = fromMs < this.#originMs ? { began_before_ms: this.#originMs - fromMs } : {};
    const times = { ts: usOf(fromNs), dur: usOf(toNs - fromNs) };
    this.#emit({ ph: "X", cat, name, pid, tid, ...times, args: { ...about, ...before } });
    return { pid, tid, fromNs, toNs };
  }

  #instant(pid: number, track: string, order: number, name: string, atMs: number, about: Args): void {
    const tid = this.#tracks.first(pid, track, order);
    this.#emit({ ph: "i", s: "t", cat: "moment", name, pid, tid, ts: usOf(this.#ns(atMs)), args: about });
  }

  /** Of what had not ended: the end of its run. */
  #endOf(fromMs: number): number {
    const { runs, toMs } = this.#facts;
    return runs.findLast((run) => run.fromMs <= fromMs)?.toMs ?? toMs;
  }

  #labelOf(path: string): string {
    return this.#databases.length === 1 ? "" : ` ${databaseName(path, this.#databases)}`;
  }

  /** Never negative: what began before begins with the trace. */
  #ns(ms: number): number {
    return Math.max(0, nsOf(ms - this.#originMs));
  }
}
