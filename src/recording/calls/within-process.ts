/** Waits for another connection of the own process: SQLite knows of its locks, and does not ask the kernel. Pure. */
import type { LockType } from "../../sqlite/locks.ts";
import type { LockedFile } from "../locks/file.ts";
import type { Held } from "../locks/held.ts";
import { isWriteSlot, segmentsOf } from "../locks/slots.ts";
import type { LockEvent } from "../source-event.ts";
import { Attempt, aimOf } from "./attempt.ts";
import type { Connection } from "./connection.ts";
import { isOf } from "./needed.ts";
import type { Thread } from "./thread.ts";

/** SQLite's first sleep is 1 ms: who had the lock for less of the call need not have been asked for it. */
const SLEPT_MS = 1;

/**
 * A lock was granted in a call: another connection of the process had it until then, and SQLite waits for that
 * without the kernel.
 */
export function grantedAfterOwn(event: LockEvent, type: LockType, thread: Thread, file: LockedFile): void {
  const frame = thread.top();
  if (frame === null || frame.call === "close" || type !== "write") return;
  const last = file.releasedWrites.at(-1);
  if (last === undefined || (last.toMs ?? 0) <= frame.atMs + SLEPT_MS) return; // nearly always
  const segment = segmentsOf(file.role, type, event.start, event.end)[0];
  if (segment === undefined || !isWriteSlot(file, segment.slot, type)) return;
  const aim = aimOf(file, segment.slot, type);
  if (frame.attempts?.some((each) => isOf(each, file, aim, segment.slot) && each.times > 0) === true) return;
  const connection = thread.connection();
  const before = frame.attempts?.find((each) => each.times === 0 && isOf(each, file, aim, segment.slot));
  if (before !== undefined) {
    before.grantedMs = event.atMs;
    return;
  }
  const own = file.releasedWrites.filter((held) => isOfAnother(held, event, segment.slot, connection, frame.atMs));
  if (own.length === 0) return;
  const fromMs = Math.max(frame.atMs, Math.min(...own.map((held) => held.fromMs)));
  const { start, end, owner, api, pid, tid, atMs } = event;
  const { slot, name } = segment;
  const sql = thread.sql();
  const facts = { file, aim, slot, name, type, start, end, owner, api, pid, tid, fromMs, sql, connection };
  const attempt = new Attempt({ ...facts, isRun: false, whileReading: false });
  attempt.grantedMs = atMs;
  for (const held of own) attempt.block(held);
  frame.attempts ??= [];
  frame.attempts.push(attempt);
}

/** A lock of another connection of the process, held in the call. */
function isOfAnother(
  held: Held,
  { pid, tid }: LockEvent,
  slot: number,
  connection: Connection | null,
  sinceMs: number,
): boolean {
  if (held.pid !== pid || held.slot !== slot || (held.toMs ?? 0) <= sinceMs + SLEPT_MS) return false;
  if (held.connection !== null && connection !== null) return held.connection !== connection;
  return held.tid !== null && held.tid !== tid;
}
