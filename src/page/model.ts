/** What the timeline draws: the data by lane and row, ready to be searched. */
import { LOCK_AT_LEAST, LOCK_STILL, type PageData } from "../render/page/data.ts";
import { ZoneClock } from "../render/page/zone-clock.ts";
import { Bars } from "./bars.ts";

export type EventKind = "lock" | "wait" | "transaction" | "refusal" | "counted";

/** One event: its sort, and its number among those. */
export interface EventRef {
  readonly kind: EventKind;
  readonly id: number;
}

/** Of a bar. `both`: at least one of them, which one is not known. */
export type OpenEnds = "none" | "right" | "both";

/** From above to below. */
export const ROWS = ["transaction", "write", "read", "checkpoint", "open"] as const;
export type RowName = (typeof ROWS)[number];

export interface RowBars {
  readonly row: RowName;
  readonly kind: EventKind;
  /** Of `data.kinds`; -1: of no lock. */
  readonly lock: number;
  readonly bars: Bars;
}

export interface Lane {
  readonly index: number;
  readonly process: number;
  readonly connection: number | null;
  /** In the order in which they are drawn. */
  readonly rows: readonly RowBars[];
}

interface Group {
  readonly row: RowName;
  readonly kind: EventKind;
  readonly lock: number;
  readonly ids: number[];
}

const COLUMNS = {
  lock: "locks",
  wait: "waits",
  transaction: "transactions",
  refusal: "refusals",
  counted: "counted",
} as const;

const STRENGTH: Readonly<Record<string, number>> = { RESERVED: 1, PENDING: 2, EXCLUSIVE: 3 };
const ORDER: Readonly<Record<EventKind, number>> = { counted: 0, lock: 1, wait: 2, transaction: 3, refusal: 4 };

export class Model {
  readonly data: PageData;
  readonly clock: ZoneClock;
  readonly lanes: readonly Lane[];
  /** The longest first. */
  readonly longestWaits: readonly number[];
  readonly lengthUs: number;
  /** Of each wait and refusal: where its blockers begin. */
  readonly #waitBlockers: Int32Array;
  readonly #refusalBlockers: Int32Array;
  readonly #statements: Int32Array;
  readonly #locksOfProcess = new Map<number, number[]>();

  constructor(data: PageData) {
    this.data = data;
    this.clock = new ZoneClock(data.clock, data.zone);
    this.lengthUs = Math.max(1, (data.toMs - data.fromMs) * 1_000);
    this.#waitBlockers = starts(data.waits.blockers, 0);
    const ofWaits = data.waits.blockers.reduce((sum, each) => sum + each, 0);
    this.#refusalBlockers = starts(data.refusals.blockers, ofWaits);
    this.#statements = starts(data.transactions.timed, 0);
    this.longestWaits = data.waits.from
      .map((_, i) => i)
      .sort((a, b) => (data.waits.length[b] as number) - (data.waits.length[a] as number));
    this.lanes = lanesOf(data);
    data.locks.from.forEach((_, id) => {
      const key = lockKey(data.lanes[data.locks.lane[id] as number]?.process ?? -1, data.locks.kind[id] as number);
      const list = this.#locksOfProcess.get(key);
      if (list === undefined) this.#locksOfProcess.set(key, [id]);
      else list.push(id);
    });
  }

  fromUs({ kind, id }: EventRef): number {
    return columnsOf(this.data, kind).from[id] as number;
  }

  lengthOf({ kind, id }: EventRef): number {
    return Math.max(0, columnsOf(this.data, kind).length[id] as number);
  }

  laneOf({ kind, id }: EventRef): number {
    return columnsOf(this.data, kind).lane[id] as number;
  }

  /** It is a lower bound. */
  isAtLeast({ kind, id }: EventRef): boolean {
    if (kind === "lock") return ((this.data.locks.flags[id] as number) & (LOCK_AT_LEAST | LOCK_STILL)) !== 0;
    if (kind === "transaction")
      return (this.data.transactions.flags[id] as number) % 2 === 1 || this.data.transactions.outcome[id] === 2;
    return kind === "wait" && this.data.waits.outcome[id] === 3;
  }

  /** A lock that was still held, or a wait that still went on, began when its bar begins. */
  openEnds(ref: EventRef): OpenEnds {
    if (!this.isAtLeast(ref)) return "none";
    return ref.kind === "lock" && ((this.data.locks.flags[ref.id] as number) & LOCK_AT_LEAST) !== 0 ? "both" : "right";
  }

  /** Of `data.blockers`. */
  blockersOf({ kind, id }: EventRef): number[] {
    const [at, many] =
      kind === "wait"
        ? [this.#waitBlockers[id] as number, this.data.waits.blockers[id] as number]
        : kind === "refusal"
          ? [this.#refusalBlockers[id] as number, this.data.refusals.blockers[id] as number]
          : [0, 0];
    return Array.from({ length: many }, (_, i) => at + i);
  }

  /** The first of `data.statements` of a transaction. */
  statementsAt(id: number): number {
    return this.#statements[id] as number;
  }

  /** The bar of a blocker; null: it is not listed. */
  lockOfBlocker(blocker: number): EventRef | null {
    const { process, kind, from } = this.data.blockers;
    const list = this.#locksOfProcess.get(lockKey(process[blocker] as number, kind[blocker] as number)) ?? [];
    const at = from[blocker] as number;
    const froms = this.data.locks.from;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((froms[list[middle] as number] as number) < at - 2) low = middle + 1;
      else high = middle;
    }
    const found = list[low];
    return found !== undefined && Math.abs((froms[found] as number) - at) <= 2 ? { kind: "lock", id: found } : null;
  }

  /** Waits and refusals that were behind a lock: the longest first. */
  behind(lock: number): EventRef[] {
    const { data } = this;
    const process = data.lanes[data.locks.lane[lock] as number]?.process;
    const from = data.locks.from[lock] as number;
    const isIt = (blocker: number) =>
      data.blockers.process[blocker] === process &&
      data.blockers.kind[blocker] === data.locks.kind[lock] &&
      Math.abs((data.blockers.from[blocker] as number) - from) <= 2;
    const refs = (["wait", "refusal"] as const).flatMap((kind) =>
      (kind === "wait" ? data.waits : data.refusals).from.map((_, id): EventRef => ({ kind, id })),
    );
    return refs.filter((ref) => this.blockersOf(ref).some(isIt)).sort((a, b) => this.lengthOf(b) - this.lengthOf(a));
  }
}

function lockKey(process: number, kind: number): number {
  return process * 1_000 + kind;
}

function starts(counts: readonly number[], first: number): Int32Array {
  const result = new Int32Array(counts.length);
  let at = first;
  counts.forEach((many, i) => {
    result[i] = at;
    at += many;
  });
  return result;
}

function lanesOf(data: PageData): Lane[] {
  const groups = data.lanes.map(() => new Map<number, Group>());
  const rowOf = data.lanes.map(({ isWal }) => data.kinds.map(([name, type]) => lockRow(name, type, isWal)));
  for (const kind of ["counted", "lock", "wait", "transaction", "refusal"] as const) {
    const columns = columnsOf(data, kind);
    const locks = kind === "transaction" || kind === "refusal" ? null : data[COLUMNS[kind]].kind;
    for (let id = 0; id < columns.from.length; id++) {
      const lane = columns.lane[id] as number;
      const lock = locks === null ? -1 : (locks[id] as number);
      // A lane has a few of them.
      const key = ORDER[kind] * 1_000 + lock;
      const known = groups[lane]?.get(key);
      if (known !== undefined) known.ids.push(id);
      else {
        const row = kind === "transaction" ? kind : kind === "refusal" ? "write" : (rowOf[lane]?.[lock] ?? "open");
        groups[lane]?.set(key, { row, kind, lock, ids: [id] });
      }
    }
  }
  const strength = (lock: number) => STRENGTH[data.kinds[lock]?.[0] ?? ""] ?? 0;
  return data.lanes.map(({ process, connection }, index) => {
    const rows = [...(groups[index]?.values() ?? [])].map(({ row, kind, lock, ids }): RowBars => {
      const columns = columnsOf(data, kind);
      const bars = new Bars(ids, columns.from, columns.length);
      return { row, kind, lock, bars };
    });
    rows.sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || strength(a.lock) - strength(b.lock));
    return { index, process, connection, rows };
  });
}

function columnsOf(data: PageData, kind: EventKind) {
  return data[COLUMNS[kind]];
}

/** In WAL mode, SHARED and DMS say only that the database is open. PENDING as a read lock is that of a reader. */
function lockRow(name: string, type: string, isWal: boolean): RowName {
  if (name === "DMS" || name === "FOREIGN" || (name === "SHARED" && isWal)) return "open";
  if (name === "CKPT" || name === "RECOVER" || (name.startsWith("READ") && type === "write")) return "checkpoint";
  return name === "SHARED" || name.startsWith("READ") || type === "read" ? "read" : "write";
}
