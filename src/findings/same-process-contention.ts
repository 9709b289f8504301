import { blocksSomebody } from "../model/blockers.ts";
import { connectionHandles } from "../model/not-sqlite.ts";
import type { Holder } from "../model/report.ts";
import { isWriteLock } from "../sqlite/locks.ts";
import { duration } from "../text/duration.ts";
import { likelyAsleepMs, nameOf } from "../text/holder.ts";
import { count, list } from "../text/list.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** A process that writes and has other connections: no lock of the operating system shows that these are kept out. */
const rule: Rule = ({ database, snapshot, staleAfterMs }) =>
  database.holders.flatMap((holder) => {
    if (!holdsWriteLock(holder)) return [];
    // Each connection in WAL mode has a -wal descriptor of its own; SQLite may put off the closing of a database
    // descriptor.
    const wal = database.journalMode === "wal";
    const handles = connectionHandles(holder.handles).filter(
      (handle) => handle.role === (wal ? "wal" : "database") && !handle.deleted && !handle.moved,
    );
    if (handles.length < 2) return [];
    // In a pool at work, too, a thread waits: for another one, which then runs, or for another process.
    const process = snapshot.processes.get(holder.pid);
    const others = database.holders.some((other) => other !== holder && blocksSomebody(other));
    const waits = process?.sleepsInTimer === true && process.nothingElseRuns && !others;
    const asleepMs = likelyAsleepMs(holder);
    const idle = asleepMs !== null && asleepMs >= staleAfterMs ? asleepMs : null;
    const threads = holder.idleMs === null ? "the threads that it has now" : "its threads";
    const connections = `${wal ? "" : "likely "}${count(handles.length, "connection")}`;
    return [
      {
        severity: waits || idle !== null ? "warning" : "info",
        pids: [holder.pid],
        summary:
          `${nameOf(holder)} is writing and has ${connections} to this database: its other ` +
          `${handles.length === 2 ? "connection" : "connections"} ` +
          `${waits || idle !== null ? (handles.length === 2 ? "gets" : "get") : "can get"} 'database is locked', ` +
          "and no other program is involved.",
        detail:
          `Descriptors ${list(handles.map((handle) => handle.fd))} are on the ` +
          (wal
            ? "-wal, one per connection"
            : "database; SQLite may keep one open for a while after its connection was closed") +
          ". " +
          (waits
            ? "One of its threads sleeps in a timer, as SQLite does between attempts, and no other thread runs: it " +
              "is likely waiting for its other connection. On one thread or one event loop, that wait cannot " +
              "succeed."
            : idle !== null
              ? `None of ${threads} has run for ${duration(idle)}: the transaction is open, and ` +
                `${holder.idleMs === null ? "likely " : ""}nothing works on it.`
              : "If both run on one thread or one event loop, the connection that waits keeps the other from " +
                "finishing: it waits for its whole timeout and fails, and a longer timeout only makes it hang longer."),
        remedy:
          "In the program: use one connection for all writes, or end each transaction before another connection " +
          "writes (Django: no work in other threads or async tasks inside atomic()). A longer timeout does not help.",
      },
    ];
  });

function holdsWriteLock(holder: Holder): boolean {
  return holder.locks.some((lock) => !lock.waiting && isWriteLock(lock));
}

export const sameProcessContention = defineFinding({
  id: "same-process-contention",
  severity: "info",
  needs: "locks",
  transient: "in-all-looks-but-one",
  namesBlocker: false,
  blocksSwitch: null,
  transientAs: ["warning"],
  dependsOnTimerSleep: "warning",
  rule,
});
