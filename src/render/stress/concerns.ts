/** What is bad about a run though it did not fail, in sentences. Pure. */
import { isFrequent } from "../../features/stress/concerns.ts";
import type { Concern, Failures } from "../../features/stress/report.ts";
import { durationAtMost, fineDuration } from "../../text/duration.ts";
import { grouped, list } from "../../text/list.ts";

type LongWait = Extract<Concern, { kind: "long-wait" }>;

/** "" for none. `failures`: a role whose timeout was used up has its own sentence already. */
export function concernsText(concerns: readonly Concern[], failures: readonly Failures[]): string {
  const failed = failures.filter(({ timedOut }) => timedOut > 0).map(({ role }) => role);
  const waits = concerns.filter((each) => each.kind === "long-wait").filter(({ role }) => !failed.includes(role));
  const uneven = concerns.filter((each) => each.kind === "uneven-writers");
  return [
    waitsText(waits),
    ...waits.filter(isFrequent).map(frequentText),
    ...uneven.map(
      ({ leastCommits, mostCommits, jain }) =>
        `The writers did not get equal turns: ${grouped(leastCommits)} to ${grouped(mostCommits)} commits each ` +
        `(fairness ${jain.toFixed(2)}).`,
    ),
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

/** A writer waited 3.9 s and a reader waited 2.5 s, with a busy timeout of 5 s: close to failing. */
function waitsText(waits: readonly LongWait[]): string {
  const [first] = waits;
  if (first === undefined) return "";
  const [one, ...others] = waits.map(({ role, longestMs }) => `${role} waited ${durationAtMost(longestMs)}`);
  const who = list([`A ${one}`, ...others.map((other) => `a ${other}`)]);
  return `${who}, with a busy timeout of ${durationAtMost(first.busyTimeoutMs)}: close to failing.`;
}

function frequentText({ role, p99Ms }: LongWait): string {
  return `One ${role === "writer" ? "commit" : "read"} in 100 waited ${fineDuration(p99Ms ?? 0)} or longer.`;
}
