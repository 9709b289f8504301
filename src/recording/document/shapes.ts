/** What the lines of a recording's document look like, as checks of what a file has: docs/record.schema.json. Pure. */
import { LOCK_NAMES } from "../../sqlite/locks.ts";
import { LAST_BUCKET } from "../histogram.ts";
import type { RecordingLine } from "../lines.ts";
import { ENDS, MISUSES } from "../program/message.ts";
import {
  byKey,
  type Check,
  type Checks,
  count,
  duration,
  list,
  object,
  oneOf,
  orNull,
  pid,
  text,
  time,
  whole,
  yes,
} from "./shape.ts";

export interface Shape {
  readonly needed: Checks;
  readonly optional?: Checks;
}

/** Names of a histogram's buckets. */
const BUCKETS = Array.from({ length: LAST_BUCKET + 1 }, (_, i) => String(i));

const lockName = oneOf(...LOCK_NAMES);
const lockType = oneOf("read", "write");
const frame: Checks = { file: text, line: whole, function: orNull(text) };
const site = object(frame, {
  ...{ thread: orNull(text), task: orNull(text), inLibrary: yes, calledFrom: list(object(frame)) },
  sure: oneOf("likely"),
});
const callSite = orNull(site);
const process: Checks = { pid, startTicks: orNull(text) };
const who: Checks = { ...process, tid: pid };
const call: Checks = { sql: orNull(text), callSite };
const statement: Checks = { statement: count, sqlBytes: count, sqlBytesAtLeast: yes };

const blocker = object(
  {
    ...{ ...process, tid: orNull(pid), lock: lockName, lockType, fromMs: time, heldMs: duration, atLeast: yes },
    ...{ ...call, blockedMs: duration },
  },
  statement,
);

const statementFact = object(
  { sql: orNull(text), atMs: time, ms: duration, result: orNull(text) },
  { ...statement, times: count },
);

const buckets = byKey(BUCKETS, count);
const holdCounts = object(
  { times: count, totalMs: duration },
  {
    ...{ longestMs: duration, writes: count, writesMs: duration, longestWriteMs: duration },
    ...{ buckets, writeBuckets: buckets },
  },
);
const waitCounts = object(
  { times: count, totalMs: duration },
  { longestMs: duration, attempts: count, granted: count, buckets },
);
const oneStatement = object(
  { tid: pid, sql: orNull(text), times: count, heldMs: duration },
  { ...statement, callSite: site },
);

const ended = oneOf(...ENDS);

const programTransaction = object(
  { connectionId: count },
  {
    ...{ alone: yes, readAt: site, wroteAt: site, endedAt: site, endedBy: oneOf("close", "collected") },
    pause: object({ ms: duration, after: callSite, before: callSite }),
    leftOpenBy: ended,
  },
);

const lock: Shape = {
  needed: {
    ...{ ...who, path: text, connection: orNull(count), lock: lockName, lockType, fromMs: time, toMs: orNull(time) },
    ...{ atLeast: yes, ...call },
  },
  optional: { ...statement, sharedBy: count },
};

const wait: Shape = {
  needed: {
    ...{ ...who, path: text, connection: orNull(count), lock: lockName, lockType, fromMs: time, waitedMs: duration },
    ...{ attempts: count, outcome: oneOf("granted", "gave-up", "killed", "still", "unknown"), result: orNull(text) },
    ...{ oversleptMs: duration, ...call, blockers: list(blocker) },
  },
  optional: {
    ...{ ...statement, whileReading: yes, perhapsSeveralCalls: yes, withinProcess: yes },
    ...{ sure: oneOf("likely"), connectionId: count },
  },
};

const transaction: Shape = {
  needed: {
    ...{ ...who, path: text, connection: orNull(count), kind: oneOf("read", "write", "upgrade"), fromMs: time },
    ...{ toMs: orNull(time), atLeast: yes, writeFromMs: orNull(time), statements: list(statementFact) },
    ...{ outcome: oneOf("commit", "rollback", "open", "process-ended", "unknown"), moreStatements: count, callSite },
    ...{ insideMs: orNull(duration), outsideMs: orNull(duration), waitedMs: orNull(duration) },
  },
  optional: { sharedLocks: yes, program: programTransaction },
};

/** A line within another one. */
function line(type: string, { needed, optional }: Shape): Check<Record<string, unknown>> {
  return object({ type: oneOf(type), ...needed }, optional);
}

/** The summary is made anew of the other lines: nothing is read from it. */
export const SHAPES: Readonly<Record<Exclude<RecordingLine["type"], "summary">, Shape>> = {
  meta: {
    needed: {
      ...{ schemaVersion: count, sqlock: text, source: oneOf("kernel", "sampled"), exact: yes, because: text },
      ...{
        startedAt: text,
        startedMonotonicNs: text,
        zone: text,
        kernel: text,
        minWaitMs: duration,
        statements: yes,
        literals: yes,
      },
      ...{ redacted: yes, databases: list(object({ path: text, givenAs: text })) },
    },
    optional: {
      ...{ bootId: text, segment: count },
      callSites: yes,
      only: object({}, { pids: list(pid), units: list(text), unitUids: list(count) }),
    },
  },
  unknown: {
    needed: {
      ...{
        atMs: time,
        what: oneOf("sql", "wait", "blocker", "transaction", "process", "container", "lock", "call-site"),
        why: text,
        pids: list(pid),
      },
      untilMs: orNull(time),
    },
    optional: { path: text, toMs: time },
  },
  process: {
    needed: {
      ...{ ...process, name: orNull(text), commandLine: orNull(list(text)), user: orNull(text), uid: orNull(count) },
      ...{ unit: orNull(text), unitManager: orNull(oneOf("system", "user", "container")), unitUid: orNull(count) },
      container: orNull(text),
    },
  },
  statement: {
    needed: { id: count, atMs: time, sql: text, length: count, cut: yes },
    optional: { bytes: count, bytesAtLeast: yes },
  },
  lock,
  wait,
  transaction,
  refusal: {
    needed: {
      ...{ ...who, path: text, connection: orNull(count), atMs: time, callMs: duration, result: text, why: text },
      ...{ sure: oneOf("proved", "likely"), ...call },
    },
    optional: {
      ...{ ...statement, waitedMs: duration, pathIs: oneOf("likely", "unknown"), connectionId: count },
      blockers: list(blocker),
    },
  },
  connection: {
    needed: {
      ...{ ...who, id: count, path: orNull(text), memory: orNull(text), driver: text, timeoutMs: orNull(count) },
      ...{ openedMs: time, closedMs: orNull(time), openedAt: callSite, closedAt: callSite },
      closed: oneOf("closed", "collected", "open", "process-ended", "not-opened"),
    },
    optional: { inherited: yes, library: text, times: count },
  },
  misuse: {
    needed: {
      ...{ ...who, kind: oneOf(...MISUSES), connectionId: orNull(count), path: orNull(text), atMs: time },
      ...{ callSite, openedAt: callSite, closedAt: callSite },
    },
    optional: { ended, times: count },
  },
  gap: {
    needed: { fromMs: time, toMs: time, lostEvents: orNull(count) },
    optional: { why: oneOf("switched-off", "disk-full", "removed") },
  },
  counts: {
    needed: {
      ...{
        fromMs: time,
        toMs: time,
        ...process,
        path: text,
        holds: byKey(LOCK_NAMES, holdCounts),
        transactions: orNull(count),
      },
      ...{ waits: orNull(waitCounts), optionalRefusals: orNull(count) },
    },
    optional: {
      runs: waitCounts,
      ...{ writeTransactions: count, commits: count, oneStatement: list(oneStatement) },
      ...{ gaveUp: count, refusals: count },
    },
  },
  database: { needed: { atMs: time, path: text, change: oneOf("created", "replaced", "deleted", "found") } },
  clock: { needed: { atMs: time, wallClock: text }, optional: { suspendedMs: duration } },
  open: {
    needed: {
      atMs: time,
      locks: list(line("lock", lock)),
      waits: list(line("wait", wait)),
      transactions: list(line("transaction", transaction)),
    },
    optional: { more: count },
  },
  wal: {
    needed: {
      ...{ atMs: time, path: text, bytes: orNull(count), frames: orNull(count), copied: orNull(count) },
      ...{ pinned: orNull(count), pinnedBy: list(object(process)) },
    },
  },
  folded: { needed: { fromMs: time, toMs: time, lines: count } },
};
