/**
 * What a worker tells while it runs, in records of one size: a write of no more than PIPE_BUF (4096) bytes is whole or
 * not at all, also where several threads write, and what was written is there to be read though the writer was killed
 * the moment after. Pure. Source: pipe(7)
 */
export const RECORD_BYTES = 32;

/** As many as are told in one write. */
export const MOST_RECORDS = 4096 / RECORD_BYTES;

/** `ready`: it has the database open and waits for the word to go. `ended`: by itself, with nothing in flight. */
const KINDS = ["ready", "commit", "read", "failure", "ended"] as const;

const ROLES = ["writer", "reader"] as const;

export type Role = (typeof ROLES)[number];

/** Of a transaction; `commit` waits for readers in rollback mode. */
export const PHASES = ["begin", "read", "write", "commit"] as const;

export type Phase = (typeof PHASES)[number];

/** Errors that the next attempt may not meet. Source: https://www.sqlite.org/rescode.html */
export const TRANSIENT = [
  "SQLITE_BUSY",
  "SQLITE_BUSY_RECOVERY",
  "SQLITE_BUSY_SNAPSHOT",
  "SQLITE_BUSY_TIMEOUT",
  "SQLITE_LOCKED",
  "SQLITE_LOCKED_SHAREDCACHE",
  "SQLITE_LOCKED_VTAB",
  "SQLITE_PROTOCOL",
] as const;

export type TransientCode = (typeof TRANSIENT)[number];

export interface StressRecord {
  readonly kind: (typeof KINDS)[number];
  readonly role: Role;
  /** Writers and readers are counted apart, each from 1. */
  readonly worker: number;
  /** Of a commit or failure: the transaction's number, from 1. */
  readonly number: number;
  /** Since the start, in ms. */
  readonly atMs: number;
  /** For a lock, in µs; of a failure, all of it. */
  readonly waitingUs: number;
  /** All else but what --hold and --think take, in µs; of a failure, what the statement took that failed. */
  readonly workingUs: number;
  /** How often it had failed before. */
  readonly retries: number;
  /** Of a failure. */
  readonly phase: Phase;
  readonly code: TransientCode;
}

const MOST = 0xffff_ffff;

const BLANK: StressRecord = {
  kind: "ready",
  role: "writer",
  worker: 0,
  number: 0,
  atMs: 0,
  waitingUs: 0,
  workingUs: 0,
  retries: 0,
  phase: "begin",
  code: "SQLITE_BUSY",
};

/** `at`: the byte where it begins. */
export function encode(
  record: Partial<StressRecord> & Pick<StressRecord, "kind" | "role" | "worker">,
  into: Buffer,
  at = 0,
): void {
  const { kind, role, worker, number, atMs, waitingUs, workingUs, retries, phase, code } = { ...BLANK, ...record };
  into[at] = KINDS.indexOf(kind);
  into[at + 1] = ROLES.indexOf(role);
  into[at + 2] = PHASES.indexOf(phase);
  into[at + 3] = TRANSIENT.indexOf(code);
  const view = new DataView(into.buffer, into.byteOffset + at, RECORD_BYTES);
  for (const [i, value] of [worker, number, atMs, waitingUs, workingUs, retries].entries()) {
    view.setUint32(4 + 4 * i, Math.max(0, Math.min(MOST, Math.round(value))));
  }
}

export function decode(from: Buffer, at = 0): StressRecord {
  const view = new DataView(from.buffer, from.byteOffset + at, RECORD_BYTES);
  const [kind, role, phase, code] = [
    KINDS[view.getUint8(0)],
    ROLES[view.getUint8(1)],
    PHASES[view.getUint8(2)],
    TRANSIENT[view.getUint8(3)],
  ];
  if (kind === undefined || role === undefined || phase === undefined || code === undefined)
    throw new Error("a worker told something that is no record");
  return {
    kind,
    role,
    worker: view.getUint32(4),
    number: view.getUint32(8),
    atMs: view.getUint32(12),
    waitingUs: view.getUint32(16),
    workingUs: view.getUint32(20),
    retries: view.getUint32(24),
    phase,
    code,
  };
}

export function isTransient(code: string): code is TransientCode {
  return (TRANSIENT as readonly string[]).includes(code);
}

/** Records out of pieces that begin and end anywhere. */
export class Records {
  #rest: Buffer = Buffer.alloc(0);

  take(piece: Buffer): StressRecord[] {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const whole = Math.floor(bytes.length / RECORD_BYTES);
    this.#rest = bytes.subarray(whole * RECORD_BYTES);
    return Array.from({ length: whole }, (_, i) => decode(bytes, i * RECORD_BYTES));
  }
}
