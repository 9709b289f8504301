/** The state of a write-ahead log: what the wal-index and the locks on it say together. Pure. */
import { pinnedFrames, type WalIndex } from "../sqlite/wal-index.ts";
import type { WalReader, WalUse } from "./locks/wal-use.ts";
import type { WalLine } from "./state-lines.ts";

/** Of those that pin frames, so many are named: whoever may read the database can read it with many processes. */
const MOST_NAMED = 20;

/** One moment of a database. */
export interface WalSeen {
  readonly path: string;
  readonly atMs: number;
  /** Of the -wal; null: there is none. */
  readonly bytes: number | null;
  /** Null: not known. */
  readonly index: Extract<WalIndex, { kind: "ok" }> | null;
  /** Before the wal-index was read. */
  readonly before: WalUse | null;
  /** Once all is known that happened until `atMs`. */
  readonly after: WalUse | null;
}

export function walLine(seen: WalSeen, startTicksOf: (pid: number) => string | null): WalLine {
  const { path, atMs, bytes, index } = seen;
  const readers = readersAt(seen);
  const line = {
    type: "wal",
    atMs,
    path,
    bytes,
    frames: index?.mxFrame ?? null,
    copied: index?.nBackfill ?? null,
  } as const;
  if (index === null || readers === null) return { ...line, pinned: null, pinnedBy: [] };
  const byPid = new Map<number, number>();
  for (const { held, mark } of readers) {
    const readMark = mark === 0 ? 0 : (index.readMarks[mark] ?? null);
    if (readMark === null) continue; // it has just got the lock, finds no mark there, and lets go again
    const pinned = pinnedFrames(readMark, index.mxFrame, index.nBackfill);
    if (pinned > 0) byPid.set(held.pid, Math.max(pinned, byPid.get(held.pid) ?? 0));
  }
  const most = [...byPid].toSorted(([pid, pinned], [other, less]) => less - pinned || pid - other);
  return {
    ...line,
    pinned: most[0]?.[1] ?? 0,
    pinnedBy: most.slice(0, MOST_NAMED).map(([pid]) => ({ pid, startTicks: startTicksOf(pid) })),
  };
}

/**
 * Who had a lock on a read mark when the wal-index was read, for certain: from before that until after it, so that the
 * mark was theirs. Null: not known.
 */
function readersAt({ before, after, atMs }: WalSeen): WalReader[] | null {
  if (before?.readers == null || after?.readers == null || before.inode !== after.inode) return null;
  const isHeld = ({ held }: WalReader) => held.fromMs <= atMs && (held.toMs === null || held.toMs > atMs);
  return [...new Map([...before.readers, ...after.readers].map((reader) => [reader.held, reader])).values()].filter(
    isHeld,
  );
}

/** All but the time is the same. */
export function isSameWal(one: WalLine, other: WalLine): boolean {
  return JSON.stringify({ ...one, atMs: 0 }) === JSON.stringify({ ...other, atMs: 0 });
}
