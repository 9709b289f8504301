/** Events and locks as a test of the pure parts of watch wants them. */
import type { HeldLock } from "../../src/features/watch/episodes.ts";
import { type EventName, type WatchEvent, watchEvent } from "../../src/features/watch/event.ts";

export const PATH = "/srv/app/db.sqlite3";

export function heldLock(change: Partial<HeldLock> = {}): HeldLock {
  return {
    path: PATH,
    pid: 4242,
    lock: "WRITE",
    role: "shm",
    type: "write",
    api: "posix",
    start: 120n,
    end: 120n,
    file: "8:1:77",
    ...change,
  };
}

export function lockEvent(event: EventName, atMs: number, change: Partial<WatchEvent> = {}): WatchEvent {
  return watchEvent(event, PATH, atMs, {
    pid: 4242,
    name: "python manage.py shell",
    lock: "WRITE",
    role: "shm",
    type: "write",
    api: "posix",
    ...(event === "released" ? { atLeast: false } : {}),
    ...change,
  });
}
