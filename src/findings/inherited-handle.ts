import type { Related } from "../model/relate.ts";
import type { Holder } from "../model/report.ts";
import { descriptorsOf, nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { ancestorWithSameHandles, isLeftByParent } from "./shared/forks.ts";
import { type Diagnosis, defineFinding, type Rule } from "./shared/record.ts";

/** A connection inherited through fork(2): SQLite in the child believes that it has locks, which are its parent's. */
const rule: Rule = ({ database, snapshot }) => {
  const children = database.holders
    .filter((holder) => holder.complete)
    .flatMap((child) => {
      const parent = ancestorWithSameHandles(child, database.holders, snapshot.processes);
      return parent === null ? [] : [{ child, parent }];
    });
  const parents = [...new Set(children.map(({ parent }) => parent))];
  return [
    ...fromGoneParents(database),
    ...parents.map((parent): Diagnosis => {
      const theirs = children.filter((each) => each.parent === parent).map(({ child }) => child);
      const [first] = theirs;
      // A connection of its own to a WAL database would hold DMS for as long as its -shm is open.
      const proved = theirs.every((child) => child.handles.some((handle) => handle.role === "shm"));
      const who = theirs.length === 1 && first !== undefined ? nameOf(first) : list(theirs.map((child) => child.pid));
      const has = theirs.length === 1 ? "has" : "have";
      return {
        pids: theirs.map((child) => child.pid),
        summary:
          `${who} ${has} the connection of ${nameOf(parent)}, ${proved ? "" : "likely "}inherited through fork: if ` +
          `${theirs.length === 1 ? "it uses" : "they use"} it, the database can be corrupted.`,
        detail:
          `The same as in ${parent.pid}: ${descriptorsOf(first?.handles ?? [])}; and no lock: a child ` +
          "does not inherit locks, but it inherits SQLite's record of them." +
          (proved
            ? ""
            : " An idle connection of its own that happens to have the same descriptors would look the same."),
        remedy:
          "In the program: open connections after the fork, separately in each child (in gunicorn's post_fork, " +
          "uWSGI's postfork, Puma's on_worker_boot), and do not touch the inherited one, not even to close it. " +
          `Then restart ${parent.pid}.`,
      };
    }),
  ];
};

/** A connection of its own to a WAL database would hold DMS and SHARED for as long as its -shm is open. */
function fromGoneParents(database: Related): Diagnosis[] {
  if (database.journalMode !== "wal") return [];
  return database.holders
    .filter((holder) => holder.complete && isLeftByParent(holder) && hasShm(holder))
    .map((holder) => ({
      pids: [holder.pid],
      summary:
        `${nameOf(holder)} has a connection without any lock, likely inherited through fork from a parent that has ` +
        "ended: other processes may delete the WAL while it has it open, and if it uses the connection, the database " +
        "can be corrupted.",
      detail:
        `It has the files open (${descriptorsOf(holder.handles)}), and no lock: a child does not inherit ` +
        "locks, but it inherits SQLite's record of them.",
      remedy:
        "In the program: open the connection after it has become a daemon (after the last fork). Then restart it.",
    }));
}

function hasShm(holder: Holder): boolean {
  return holder.handles.some(
    (handle) => handle.role === "shm" && handle.access === "read-write" && !handle.deleted && !handle.moved,
  );
}

export const inheritedHandle = defineFinding({
  id: "inherited-handle",
  severity: "warning",
  needs: "locks",
  transient: "in-every-look",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
