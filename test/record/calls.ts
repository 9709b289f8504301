/** What programs log of themselves (test/record/programs/), on the clock of the recording. Pure. */

/** From before it to after it, ms. */
export type Interval = readonly [fromMs: number, toMs: number];

/** A call of SQLite's library, or of the driver around it, as its caller sees it. */
export interface Call {
  readonly pid: number;
  readonly tid: number;
  /** The program's own name for it. */
  readonly connection: string;
  readonly op: "open" | "sql" | "fetch" | "drop" | "close";
  readonly sql: string | null;
  /** Of the connection's main database. */
  readonly path: string | null;
  readonly fromMs: number;
  /** Infinity: the process was killed in it. */
  readonly toMs: number;
  /** Name of SQLite's result code, e.g. SQLITE_BUSY; null: killed. */
  readonly code: string | null;
  /** The first row. */
  readonly row: readonly unknown[] | null;
  /** How often the busy handler was called; null where the program cannot count it. */
  readonly handled: number | null;
  /** When fcntl() refused a lock in it; null where the program does not log it. */
  readonly refused: readonly Interval[] | null;
  /** When fcntl() granted one. */
  readonly granted: readonly Interval[] | null;
}

interface LoggedLine {
  readonly pid: number;
  readonly tid: number;
  readonly connection: string;
  readonly op: Call["op"];
  readonly sql: string | null;
  readonly path: string | null;
  readonly from_ns: number;
  readonly to_ns?: number;
  readonly code?: string;
  readonly row?: readonly unknown[] | null;
  readonly handled?: number;
  readonly refused?: readonly Interval[];
  readonly granted?: readonly Interval[];
}

/** Each call is logged before and after; a last line may be cut off. `startNs`: the start of the recording. */
export function parseCalls(log: string, startNs: bigint): Call[] {
  const start = Number(startNs);
  const inMs = (times?: readonly Interval[]) =>
    times?.map(([from, to]): Interval => [(from - start) / 1e6, (to - start) / 1e6]) ?? null;
  const open = new Map<number, Call>();
  const calls: Call[] = [];
  for (const text of log.split("\n").slice(0, -1)) {
    const {
      from_ns,
      to_ns,
      code,
      row = null,
      handled = null,
      refused,
      granted,
      ...facts
    } = JSON.parse(text) as LoggedLine;
    const fromMs = (from_ns - start) / 1e6;
    const call: Call = {
      ...{ ...facts, fromMs, toMs: to_ns === undefined ? Number.POSITIVE_INFINITY : (to_ns - start) / 1e6 },
      ...{ code: code ?? null, row, handled, refused: inMs(refused), granted: inMs(granted) },
    };
    if (to_ns === undefined) open.set(facts.tid, call);
    else {
      open.delete(facts.tid);
      calls.push(call);
    }
  }
  return [...calls, ...open.values()].sort((a, b) => a.fromMs - b.fromMs);
}

export const isOk = ({ code }: Call): boolean => code === "SQLITE_OK";
export const isBusy = ({ code }: Pick<Call, "code">): boolean => code?.startsWith("SQLITE_BUSY") === true;
export const isLocked = ({ code }: Pick<Call, "code">): boolean => code?.startsWith("SQLITE_LOCKED") === true;

/** A checkpoint that waits, and says by its first column that it did not get all. */
export function isBusyCheckpoint({ sql, row }: Call): boolean {
  return sql !== null && /wal_checkpoint\((full|restart|truncate)\)/i.test(sql) && row?.[0] === 1;
}
