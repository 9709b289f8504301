/** Alerts, and what became of their commands, in words. Pure. */
import { basename } from "node:path";
import type { CommandProblem } from "../../features/alert/commands.ts";
import type { AlertFacts, WatchEvent } from "../../features/watch/event.ts";
import { lockOfEvent } from "../../features/watch/held-lock.ts";
import { escapeText } from "../../text/escape.ts";
import { alternatives, list } from "../../text/list.ts";
import { cut } from "../layout.ts";
import { lockText } from "../lock-text.ts";
import { runProblemText } from "../run-problem.ts";
import { shortTime } from "./times.ts";

const MAX_COMMAND = 60;

/** `ALERT 4242 (python manage.py shell) has held WRITE for 5.0 s: others cannot write`. One line, escaped. */
export function alertText(event: WatchEvent): string {
  return alertLine(event, event.name);
}

/** For the log of the screen, whose lines have no commands. */
export function shortAlertText(event: WatchEvent): string {
  return alertLine(event, null);
}

function alertLine(event: WatchEvent, name: string | null): string {
  const { alert } = event;
  if (alert === undefined) throw new Error(`${event.event} is no alert`);
  return `ALERT ${subjectText({ ...event, name }, alert)}: ${effectText(alert)}${waitText(alert)}`;
}

function subjectText(event: WatchEvent, { lockDirectory }: AlertFacts): string {
  const time = `${event.atLeast === true ? "at least " : ""}${shortTime(event.heldMs ?? 0)}`;
  if (lockDirectory !== null)
    return `the lock ${escapeText(basename(lockDirectory))} has existed for ${time}, its process is unknown`;
  const lock = lockOfEvent(event);
  const name = lock === null ? "a lock" : lockText(lock);
  return event.pid === null
    ? `an unknown process has held ${name} for ${time}`
    : `${processText(event)} has held ${name} for ${time}`;
}

function processText({ pid, name }: WatchEvent): string {
  return name === null ? String(pid) : `${pid} (${cut(escapeText(name), MAX_COMMAND, "...")})`;
}

const VERBS = { readers: "read", writers: "write", commits: "commit" } as const;

function effectText({ blocks, lockDirectory }: AlertFacts): string {
  const verbs = blocks.map((block) => VERBS[block]);
  const who = lockDirectory === null ? "others" : "others that lock in this way";
  return `${who} cannot ${alternatives(verbs)}`;
}

function waitText({ waitsFor }: AlertFacts): string {
  return waitsFor.length === 0 ? "" : `; it is waiting for ${list(waitsFor)}`;
}

/** One line, escaped. `event`: the alert that the command was for. */
export function commandProblemText(event: WatchEvent, problem: CommandProblem): string {
  return runProblemText(subjectOf(event), problem);
}

function subjectOf({ pid, path }: WatchEvent): string {
  return pid === null ? escapeText(basename(path)) : `process ${pid}`;
}
