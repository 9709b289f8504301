/** Lines of a recording as large as wanted, always the same: eight processes that write one after the other. */

import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RecordingLine } from "../../src/recording/lines.ts";
import {
  blocker,
  callSite,
  lockLine,
  metaLine,
  processLine,
  refusalLine,
  statement,
  transactionLine,
  waitLine,
} from "./recording.ts";

export interface Many {
  readonly locks: number;
  readonly transactions: number;
  readonly waits: number;
  readonly refusals: number;
}

const PROCESSES = 8;
const STATEMENTS = [
  "begin immediate",
  "insert into orders(customer, amount, note) values (?, ?, ?)",
  "update stock set n = n - ? where id = ?",
  "select customer, sum(amount) from orders group by customer order by ? desc",
  "commit",
];

/** `seconds`: over which they are spread. */
export function* largeRecording(
  { locks, transactions, waits, refusals }: Many,
  seconds = 3_600,
): Generator<RecordingLine> {
  const random = randomOf(7);
  const all = seconds * 1_000;
  yield metaLine({ startedAt: "2026-10-25T00:30:00.000+02:00" });
  for (let i = 0; i < PROCESSES; i++)
    yield processLine({ pid: 4_000 + i, commandLine: ["/usr/bin/python3", "manage.py", `worker${i}`] });
  const who = (i: number) => ({
    pid: 4_000 + (i % PROCESSES),
    startTicks: "1000",
    tid: 4_000 + (i % PROCESSES),
    connection: (i % PROCESSES) + 1,
  });
  const sql = () => STATEMENTS[Math.floor(random() * STATEMENTS.length)] as string;
  const site = () => callSite(Math.floor(random() * 40) + 1);
  for (let i = 0; i < locks; i++) {
    const fromMs = (all / locks) * i + random() * 5;
    const isWrite = i % 2 === 0;
    yield lockLine({
      ...{ ...who(i >> 1), fromMs, toMs: fromMs + 10 + random() ** 4 * 2_000, sql: sql(), callSite: site() },
      ...(isWrite ? {} : { lock: `READ${i % 5}` as "READ1", lockType: "read" }),
    });
  }
  for (let i = 0; i < transactions; i++) {
    const fromMs = (all / transactions) * i + random() * 5;
    const ms = 10 + random() ** 4 * 2_000;
    const statements = STATEMENTS.slice(0, 3).map((text, at) =>
      statement({ sql: text, atMs: fromMs + (ms / 4) * at, ms: random() * 3 }),
    );
    yield transactionLine({
      ...who(i),
      fromMs,
      toMs: fromMs + ms,
      statements,
      callSite: site(),
      insideMs: ms / 3,
      outsideMs: (ms * 2) / 3,
    });
  }
  for (let i = 0; i < waits; i++) {
    const fromMs = (all / waits) * i + random() * 5;
    const waitedMs = 10 + random() ** 3 * 1_000;
    const other = who(i + 1);
    const behind = blocker({
      pid: other.pid,
      startTicks: "1000",
      tid: other.tid,
      fromMs: fromMs - random() * 50,
      heldMs: waitedMs + 50,
      blockedMs: waitedMs,
      callSite: site(),
    });
    yield waitLine({
      ...who(i),
      fromMs,
      waitedMs,
      outcome: i % 9 === 0 ? "gave-up" : "granted",
      attempts: 1 + Math.floor(waitedMs / 50),
      sql: sql(),
      callSite: site(),
      blockers: [behind],
    });
  }
  for (let i = 0; i < refusals; i++)
    yield refusalLine({ ...who(i), atMs: (all / refusals) * i, why: "snapshot", sql: sql(), callSite: site() });
}

/** From 0 to 1. */
function randomOf(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}
