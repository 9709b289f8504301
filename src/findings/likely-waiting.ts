import { blockingUnowned, blocksSomebody } from "../model/blockers.ts";
import { asRoot } from "../text/as-root.ts";
import { nameOf } from "../text/holder.ts";
import { count, list } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { ancestorWithSameHandles } from "./shared/forks.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/**
 * A process that likely polls for the lock: SQLite sleeps between attempts, and the kernel shows no waiter. Source:
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
  const record = asRoot(`sqlock record ${shellQuoted(database.path)}`, snapshot.viewer);
  const pids = list(blockers.map(({ pid }) => pid));
  const whose =
    blockers.length === 0
      ? "an unknown process holds"
      : `${list(blockers.map(nameOf))} hold${blockers.length === 1 ? "s" : ""}`;
  return [
    {
      pids: waiting.map((holder) => holder.pid),
      summary:
        `${one ? nameOf(first) : list(waiting.map((holder) => holder.pid))} ${one ? "is" : "are"} likely waiting ` +
        `for the lock that ${whose}.`,
      detail:
        `${one ? "It has" : "They have"} the database open, ${one ? "holds" : "hold"} no lock that keeps other ` +
        `processes out, and ${one ? "sleeps and wakes" : "sleep and wake"} in a timer several times a second, as ` +
        "SQLite does between attempts. A program that sleeps in a loop for another reason looks the same.",
      remedy:
        database.progress !== null && database.progress.commits > 0
          ? "Nothing, if the busy timeout is long enough: the lock is released in between (at least " +
            `${count(database.progress.commits, "commit")} within ${database.progress.withinMs} ms). Otherwise use ` +
            `shorter transactions, or a longer busy timeout. Which statements hold it: ${record}`
          : `Deal with ${pids === "" ? "the lock without an owner" : pids}, not the ${one ? "waiter" : "waiters"}. ` +
            `When the busy timeout is over, ${one ? "it gets" : "they get"} 'database is locked'.`,
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
