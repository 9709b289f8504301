import { blockingUnowned, blocksSomebody } from "../model/blockers.ts";
import { nameOf } from "../text/holder.ts";
import { count, list } from "../text/list.ts";
import { ancestorWithSameHandles } from "./shared/forks.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/**
 * Who probably polls for the lock: SQLite sleeps between two tries, and the kernel shows no waiter. Source: main.c
 * (sqliteDefaultBusyCallback).
 */
const rule: Rule = ({ database, snapshot }) => {
  const blockers = database.holders.filter(
    (holder) => holder.blocks.includes("readers") || holder.blocks.includes("writers"),
  );
  const unowned = blockingUnowned(database.unownedLocks);
  if (blockers.length === 0 && unowned.length === 0) return [];
  const waiting = database.holders.filter(
    (holder) =>
      !blocksSomebody(holder) &&
      ancestorWithSameHandles(holder, database.holders, snapshot.processes) === null &&
      holder.handles.some((handle) => handle.role === "database") &&
      snapshot.processes.get(holder.pid)?.sleepsInTimer === true,
  );
  const [first] = waiting;
  if (first === undefined) return [];
  const one = waiting.length === 1;
  const whose =
    blockers.length === 0
      ? "somebody unknown holds"
      : `${list(blockers.map(nameOf))} hold${blockers.length === 1 ? "s" : ""}`;
  return [
    {
      pids: waiting.map((holder) => holder.pid),
      summary:
        `${one ? nameOf(first) : list(waiting.map((holder) => holder.pid))} ${one ? "is" : "are"} probably waiting ` +
        `for the lock that ${whose}.`,
      detail:
        `${one ? "It has" : "They have"} the database open, no lock that keeps anybody out, and sleep` +
        `${one ? "s" : ""} and wake${one ? "s" : ""} in a timer several times a second, as SQLite does between two ` +
        "tries. A program that sleeps in a loop of its own looks the same.",
      remedy:
        database.progress !== null && database.progress.commits > 0
          ? "Nothing, as long as the timeout is long enough: the lock is released meanwhile (at least " +
            `${count(database.progress.commits, "commit")} within ${database.progress.withinMs} ms). Else shorter ` +
            "transactions, or a longer busy timeout."
          : "Free the lock, not the one who waits: see " +
            `${blockers.length === 0 ? "the locks without an owner" : list(blockers.map((holder) => holder.pid))}. ` +
            `When the timeout is up, ${one ? "it gets" : "they get"} 'database is locked'.`,
    },
  ];
};

export const likelyWaiting = defineFinding({
  id: "likely-waiting",
  severity: "info",
  needs: "locks",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  dependsOnTimerSleep: "info",
  namesWaiter: true,
  rule,
});
