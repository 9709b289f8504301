import { blocksSomebody } from "../blockers.ts";
import { count, list, nameOf } from "../phrases.ts";
import type { Rule } from "./rule.ts";

/** Left over from a session that has ended: nobody will type into it, and nothing restarts or stops it. */
export const orphanedHolder: Rule = ({ database }) =>
  [true, false].flatMap((blocks) => {
    const orphans = database.holders.filter((holder) => holder.stale.includes("orphaned") && blocksSomebody(holder) === blocks);
    const [first] = orphans;
    if (first === undefined) return [];
    const one = orphans.length === 1;
    const pids = orphans.map((holder) => holder.pid);
    return [
      {
        id: "orphaned-holder",
        severity: blocks ? "warning" : "info",
        pids,
        summary: `${one ? `${nameOf(first)} is` : `${count(orphans.length, "process", "processes")} (${list(pids)}) are`} left over from a session that has ended${
          blocks ? ` and keep${one ? "s" : ""} others out` : ""
        }: nobody works with ${one ? "it" : "them"} any more.`,
        detail: `The leader of ${one ? "its session is" : "their sessions is"} dead, ${one ? "it has" : "they have"} no terminal, and no service or container looks after ${one ? "it" : "them"}.`,
        remedy: `See what ${one ? "it is" : "they are"}: ps -o pid,ppid,lstart,args -p ${pids.join(",")}. A program that was left running on purpose (nohup) may stay; else end ${one ? "it" : "them"}: kill ${pids.join(" ")}.`,
      },
    ];
  });
