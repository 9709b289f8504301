/**
 * The records that a worker of the load writes to a pipe, all of one size. A write of at most PIPE_BUF (4096) bytes is
 * atomic, also with several threads, and its bytes stay readable when the worker is killed right after it. Pure.
 * Source: pipe(7)
 */
import { UserError } from "../../errors.ts";

export const RECORD_BYTES = 32;

/** In one atomic write. */
export const MAX_RECORDS = 4096 / RECORD_BYTES;

/**
 * `ready`: the database is open, the worker waits for the start. `cut-off`: it was still waiting when the round ended.
 * `ended`: the worker ended normally, with nothing in flight.
 */
const KINDS = ["ready", "commit", "read", "failure", "cut-off", "ended"] as const;

const ROLES = ["writer", "reader"] as const;

export type Role = (typeof ROLES)[number];

/** The parts of a transaction. In rollback mode `commit` waits for readers. */
export const PHASES = ["begin", "read", "write", "commit"] as const;

export type Phase = (typeof PHASES)[number];

/** Errors after which the transaction is tried again. Source: https://www.sqlite.org/rescode.html */
export const TRANSIENT_CODES = [
  "SQLITE_BUSY",
  "SQLITE_BUSY_RECOVERY",
  "SQLITE_BUSY_SNAPSHOT",
  "SQLITE_BUSY_TIMEOUT",
  "SQLITE_LOCKED",
  "SQLITE_LOCKED_SHAREDCACHE",
  "SQLITE_LOCKED_VTAB",
  "SQLITE_PROTOCOL",
] as const;

export type TransientCode = (typeof TRANSIENT_CODES)[number];

export interface StressRecord {
  readonly kind: (typeof KINDS)[number];
  readonly role: Role;
  /** Writers and readers are numbered separately, each from 1. */
  readonly worker: number;
  /** The transaction of this worker, from 1. */
  readonly number: number;
  /** Since the start of the round. */
  readonly atMs: number;
  /** For a lock; of a failure and of what was cut off, the whole attempt. */
  readonly waitingUs: number;
  /** Everything else except --hold and --think; of a failure, the statement that failed. */
  readonly workingUs: number;
  /** Failed attempts of this transaction before this one. */
  readonly retries: number;
  /** Where a failure happened. */
  readonly phase: Phase;
  readonly code: TransientCode;
}

const MAX_UINT32 = 0xffff_ffff;

const DEFAULTS: StressRecord = {
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

export type RecordFields = Partial<StressRecord> & Pick<StressRecord, "kind" | "role" | "worker">;

/** `at`: the offset of its first byte. Numbers are rounded, and limited to 32 bits. */
export function encode(record: RecordFields, into: Buffer, at = 0): void {
  const { kind, role, worker, number, atMs, waitingUs, workingUs, retries, phase, code } = { ...DEFAULTS, ...record };
  into[at] = KINDS.indexOf(kind);
  into[at + 1] = ROLES.indexOf(role);
  into[at + 2] = PHASES.indexOf(phase);
  into[at + 3] = TRANSIENT_CODES.indexOf(code);
  const view = new DataView(into.buffer, into.byteOffset + at, RECORD_BYTES);
  for (const [i, value] of [worker, number, atMs, waitingUs, workingUs, retries].entries()) {
    view.setUint32(4 + 4 * i, Math.max(0, Math.min(MAX_UINT32, Math.round(value))));
  }
}

/** What came from a process of the load is not what it sends: its user can write to its pipes. `what`: a few words. */
export function notSentError(what: string): UserError {
  const hint = "check which programs can write to the processes of that user, then try again";
  return new UserError("bad-record", `a process of the load sent data that it never sends: ${what}`, hint);
}

/** @throws UserError for other bytes */
export function decode(from: Buffer, at = 0): StressRecord {
  const view = new DataView(from.buffer, from.byteOffset + at, RECORD_BYTES);
  const [kind, role, phase, code] = [
    KINDS[view.getUint8(0)],
    ROLES[view.getUint8(1)],
    PHASES[view.getUint8(2)],
    TRANSIENT_CODES[view.getUint8(3)],
  ];
  if (kind === undefined || role === undefined || phase === undefined || code === undefined)
    throw notSentError("bytes that are not a record");
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
  return (TRANSIENT_CODES as readonly string[]).includes(code);
}

/** Decodes a stream that is cut at any byte. @throws UserError for other bytes */
export class RecordDecoder {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): StressRecord[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const complete = Math.floor(bytes.length / RECORD_BYTES);
    this.#rest = bytes.subarray(complete * RECORD_BYTES);
    return Array.from({ length: complete }, (_, i) => decode(bytes, i * RECORD_BYTES));
  }
}
