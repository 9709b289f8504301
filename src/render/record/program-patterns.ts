/** What programs do wrong with their connections and transactions, each with its lines of code, as clauses. Pure. */
import type { CallSite } from "../../recording/lines.ts";
import type { Pattern, TasksWithOwnConnections, TransactionLeftOpen } from "../../recording/summary/pattern.ts";
import { escapeText } from "../../text/escape.ts";
import { count, list } from "../../text/list.ts";
import { cut } from "../layout.ts";
import { atText, siteText, threadText } from "./call-site.ts";
import { times as timesText } from "./verdict-waiting.ts";
import { time } from "./words.ts";

const MOST_NAME = 60;

/** Null: it is another pattern. `folder`: see Names. */
export function programClause(pattern: Pattern, who: string, atLeast: boolean, folder: string | null): string | null {
  const at = (site: CallSite | null | undefined) => atText(site, folder);
  switch (pattern.id) {
    case "never-closed": {
      const { opened, collected, leftOpen, openedAt } = pattern.evidence;
      const not = [
        ...(collected === 0 ? [] : [`${collected} ${collected === 1 ? "was" : "were"} dropped without close()`]),
        ...(leftOpen === 0 ? [] : [`${leftOpen} ${leftOpen === 1 ? "was" : "were"} still open at the end`]),
      ];
      const made = `${who} opened ${count(opened, "connection")}${at(openedAt)},`;
      if (opened === 1) return `${made} which was dropped without close()`;
      if (collected + leftOpen === opened) return `${made} and closed none of them: ${list(not)}`;
      return `${made} of which ${list(not)}`;
    }
    case "wrong-thread": {
      const { times, openedAt, usedAt } = pattern.evidence;
      const made = openedAt === undefined ? "" : `: made in ${threadText(openedAt)}${at(withoutThread(openedAt))}`;
      const used = usedAt === undefined ? "" : `, used in ${threadText(usedAt)}${at(withoutThread(usedAt))}`;
      return `${who} used a connection in another thread than its own${oftenText(times)}${made}${used}`;
    }
    case "used-after-close": {
      const { times, openedAt, closedAt, usedAt } = pattern.evidence;
      const before = [
        ...(openedAt === undefined ? [] : [`opened${at(openedAt)}`]),
        ...(closedAt === undefined ? [] : [`closed${at(closedAt)}`]),
      ];
      const story = before.length === 0 ? "" : `; ${list(before)}`;
      return `${who} used a connection after it was closed${oftenText(times)}${at(usedAt)}${story}`;
    }
    case "transaction-left-open":
      return leftOpenClause(pattern.evidence, who, atLeast, folder);
    case "tasks-with-own-connections":
      return tasksClause(pattern.evidence, who, folder);
    case "cursor-left-open": {
      const { times, longestMs, totalMs, readAt } = pattern.evidence;
      const long = times === 1 ? time(longestMs) : `${time(totalMs)} in all (longest ${time(longestMs)})`;
      const reads = times === 1 ? "a read" : count(times, "read");
      return (
        `${who} left ${reads} open for ${long} after the call${at(readAt)} had returned: a cursor that was not read ` +
        "to its end"
      );
    }
    case "timeout-zero": {
      const { opened, openedAt } = pattern.evidence;
      return (
        `${who} opened ${count(opened, "connection")} with a busy timeout of 0${first(opened, at(openedAt))}: ` +
        "a call that meets another one's lock will fail at once"
      );
    }
    case "shared-memory-database": {
      const { connections, openedAt } = pattern.evidence;
      const name = cut(escapeText(pattern.path), MOST_NAME, "...");
      return (
        `${count(connections, "connection")} of ${who} share the database in memory \`${name}\`, ` +
        `opened${at(openedAt)}: ` +
        "what one of them changes is refused to the others with SQLITE_LOCKED at once, whatever the busy timeout"
      );
    }
    default:
      return null;
  }
}

/** Programs tell a misuse that repeats 20 times a second at most. */
function oftenText(times: number): string {
  return times === 1 ? "" : `, ${timesText(times, true)}`;
}

/** Where the sentence says it already. */
function withoutThread({ thread: _, ...site }: CallSite): CallSite {
  return site;
}

const ENDED: Readonly<Record<TransactionLeftOpen["evidence"]["ended"], string>> = {
  task: "a task ended",
  thread: "a thread ended",
  request: "a request ended",
  close: "its connection was closed",
  collected: "its connection was dropped",
  process: "its process ended",
};

function leftOpenClause(
  { times, ended, writes, longestMs, blockedMs, begunAt, endedAt }: TransactionLeftOpen["evidence"],
  who: string,
  atLeast: boolean,
  folder: string | null,
): string {
  const kind = writes === times ? "write transaction" : "transaction";
  const what = times === 1 ? `a ${kind}` : count(times, kind);
  const isLost = ended === "close" || ended === "collected" || ended === "process";
  const lost = isLost ? ", and what it had changed was rolled back" : "";
  const begun = begunAt === undefined ? "" : `; begun${atText(begunAt, folder)}`;
  const end = endedAt === undefined || !isLost ? "" : `, ended at ${siteText(endedAt, folder)}`;
  // when its process ended is not known
  const open = ended === "process" ? "" : `, open for ${times === 1 ? "" : "up to "}${time(longestMs)}`;
  const waited = blockedMs === 0 ? "" : `; others waited ${time(blockedMs, atLeast)} for it`;
  return `${who} had ${what} open when ${ENDED[ended]}${lost}${begun}${end}${open}${waited}`;
}

function tasksClause(
  { tasks, connections, refused, waits, waitedMs, overlaps, usedAt, heldAt }: TasksWithOwnConnections["evidence"],
  who: string,
  folder: string | null,
): string {
  const hurt = [
    ...(refused === 0 ? [] : [`were refused ${timesText(refused, false)}`]),
    ...(waits === 0 ? [] : [`waited ${time(waitedMs)} for each other`]),
    ...(refused + waits > 0 ? [] : [`had ${count(overlaps, "transaction")} open to write at the same time`]),
  ];
  // a call in another thread lets the event loop go on
  const blocks = usedAt?.thread != null ? "" : ": while SQLite waits in one task, no other task can commit";
  const held = heldAt === undefined ? "" : `, because of the transaction that wrote${atText(heldAt, folder)}`;
  const end = `${atText(usedAt, folder)}${held}${blocks}`;
  return `${tasks} tasks of ${who}, with ${connections} connections, ${list(hurt)}${end}`;
}

/** Of several, the line is that of the first. */
function first(times: number, at: string): string {
  return times > 1 && at !== "" ? `, the first${at}` : at;
}
