/** Statements outside of a transaction, one after the other at one line: told once a second, not twenty times. Pure. */
import type { ProgramCall } from "./connection.ts";

const LONGEST_MS = 1_000;
/** A longer pause ends a run: see the pattern of one transaction for each row. */
const PAUSE_MS = 50;
const MOST = 2_000;

interface Run {
  readonly first: ProgramCall;
  call: ProgramCall;
  /** Of the last one, also of one that is told by itself. */
  toMs: number;
}

export class Gathered {
  readonly #runs = new Map<string, Run>();
  readonly #tell: (call: ProgramCall) => void;

  constructor(tell: (call: ProgramCall) => void) {
    this.#tell = tell;
  }

  add(call: ProgramCall): void {
    const key = `${call.connection.pid} ${call.tid}`;
    const run = this.#runs.get(key);
    if (run !== undefined && goesOn(run, call)) {
      const { times, insideMs } = run.call;
      run.toMs = call.toMs;
      run.call = { ...call, fromMs: run.first.fromMs, times: times + call.times, insideMs: insideMs + call.insideMs };
      return;
    }
    if (run !== undefined) this.#tell(run.call);
    if (this.#runs.size >= MOST) this.end();
    this.#runs.set(key, { first: call, call, toMs: call.toMs });
  }

  /** One that is told by itself: the others go on after it. */
  passed(call: ProgramCall): void {
    const run = this.#runs.get(`${call.connection.pid} ${call.tid}`);
    if (run !== undefined && goesOn(run, call)) run.toMs = call.toMs;
  }

  /** What has not gone on is told. */
  tick(nowMs: number): void {
    for (const [key, { call }] of this.#runs) {
      if (nowMs - call.toMs < LONGEST_MS) continue;
      this.#runs.delete(key);
      this.#tell(call);
    }
  }

  end(): void {
    for (const { call } of this.#runs.values()) this.#tell(call);
    this.#runs.clear();
  }
}

function goesOn({ first, call: before, toMs }: Run, call: ProgramCall): boolean {
  return (
    call.connection === before.connection &&
    call.site === before.site &&
    call.sql.sql === before.sql.sql &&
    call.fromMs - toMs < PAUSE_MS &&
    call.toMs - first.fromMs <= LONGEST_MS
  );
}
