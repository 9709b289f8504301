/** Why a recording has failed (--fail-on): a line for each problem, and one where there is no answer. Pure. */
import type { CallProblem, NoAnswer, Problem } from "../../features/record/fail-on.ts";
import { count } from "../../text/list.ts";
import { atText } from "./call-site.ts";
import { patternText, type StartTicksOf } from "./patterns.ts";
import { type Names, time, whoText } from "./words.ts";

export function problemText(problem: Problem, names: Names, startTicksOf: StartTicksOf): string {
  if (problem.type !== "pattern") return `${problem.type}: ${callText(problem, names)}.`;
  const { pattern } = problem;
  return `${pattern.id}: ${patternText(pattern, names, false, startTicksOf)}`;
}

/** `4242 (pytest) got SQLITE_BUSY at test_a.py:9, behind test_a.py:7` */
function callText({ type, line, blocker, times, longestMs }: CallProblem, names: Names): string {
  const often = times === 1 ? "" : ` ${count(times, "time")}`;
  const longest = times === 1 ? "" : ", the longest";
  const did =
    type === "waits"
      ? `waited${often}${longest} for ${time(longestMs)}`
      : `got ${line.result ?? "SQLITE_BUSY"}${often}`;
  const here = atText(line.callSite, names.folder);
  if (blocker === null) return `${whoText(line, names)} ${did}${here}`;
  const isOwn = blocker.pid === line.pid && blocker.startTicks === line.startTicks;
  const holder = isOwn ? "another connection of its own process" : whoText(blocker, names);
  return `${whoText(line, names)} ${did}${here}, behind ${holder}${atText(blocker.callSite, names.folder)}`;
}

const NO_ANSWER: Readonly<Record<NoAnswer, string>> = {
  "not-seen": "samples do not show refused calls; record with sudo, or give the command after -- to record",
  "not-told": "no traced program opened a database that is recorded",
  "not-traced": "not every program could be traced (see Not known)",
  lost: "something was lost (see Not known)",
};

export function noAnswerText(why: NoAnswer): string {
  return `--fail-on has found nothing, but that is no answer: ${NO_ANSWER[why]}`;
}
