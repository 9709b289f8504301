import { descriptorsOf, list, nameOf } from "../phrases.ts";
import { ancestorWithSameHandles } from "./forks.ts";
import type { Rule } from "./rule.ts";

/** A connection carried over fork(2): SQLite in the child believes it has locks that are its parent's. */
export const inheritedHandle: Rule = ({ database, snapshot }) => {
  const children = database.holders
    .filter((holder) => holder.complete)
    .flatMap((child) => {
      const parent = ancestorWithSameHandles(child, database.holders, snapshot.processes);
      return parent === null ? [] : [{ child, parent }];
    });
  const parents = [...new Set(children.map(({ parent }) => parent))];
  return parents.map((parent) => {
    const theirs = children.filter((each) => each.parent === parent).map(({ child }) => child);
    const [first] = theirs;
    // A connection of its own to a WAL database would hold DMS for as long as its -shm is open.
    const proved = theirs.every((child) => child.handles.some((handle) => handle.role === "shm"));
    const who = theirs.length === 1 && first !== undefined ? nameOf(first) : list(theirs.map((child) => child.pid));
    const has = theirs.length === 1 ? "has" : "have";
    return {
      id: "inherited-handle",
      severity: "warning",
      pids: theirs.map((child) => child.pid),
      summary: `${who} ${has} the connection of ${nameOf(parent)}, ${proved ? "" : "likely "}carried over fork: if ${theirs.length === 1 ? "it uses" : "they use"} it, the database can be corrupted.`,
      detail: `The same descriptors as in ${parent.pid} (${descriptorsOf(first?.handles ?? [])}), and no lock: locks do not pass to a child, but SQLite's memory of them does.${
        proved ? "" : " A connection of its own that is idle, by chance on the same descriptors, would look the same."
      }`,
      remedy: `In the program: open connections after the fork, in each child its own (in gunicorn's post_fork, uWSGI's postfork, Puma's on_worker_boot), and do not touch the inherited one, not even to close it. Then restart ${parent.pid}.`,
    };
  });
};
