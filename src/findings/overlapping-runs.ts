import { keepsOthersOut } from "../model/blockers.ts";
import type { Holder } from "../model/report.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { duration } from "../text/duration.ts";
import { nameOf } from "../text/holder.ts";
import { count, list } from "../text/list.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** The workers of one program are started together, in ms; one that is replaced is started again alone. */
const ONE_START_MS = 1000;

/** A scheduled job or a deploy that runs twice at once: one run holds the lock, the other waits or fails. */
const rule: Rule = ({ database, snapshot }) =>
  database.holders.filter(keepsOthersOut).flatMap((holder) => {
    const others = database.holders.filter((other) => other !== holder && isOtherRun(holder, other, snapshot));
    if (others.length === 0) return [];
    const what = others.length === 1 ? "another run" : `${count(others.length, "other run")}`;
    return [
      {
        pids: [holder, ...others].map(({ pid }) => pid),
        summary:
          `${nameOf(holder)} holds the lock while ${what} of the same command by the same user ` +
          `${others.length === 1 ? "has" : "have"} the database open: ${list(others.map(({ pid }) => pid))}.`,
        detail: `${list(others.map((other) => startText(holder, other, snapshot)))}.`,
        remedy:
          "If this is a scheduled job or a deploy, let each run end before the next begins: flock -n LOCKFILE " +
          "COMMAND in the crontab (a systemd timer already does that). If two people are using the same program, " +
          "nothing is wrong.",
      },
    ];
  });

/** By the same user with the same command, started apart, and neither its worker nor that of one supervisor. */
function isOtherRun(one: Holder, other: Holder, { processes }: Pick<Snapshot, "processes">): boolean {
  if (one.uid === null || one.uid !== other.uid || one.container !== other.container) return false;
  if (one.commandLine.length === 0 || one.commandLine.join("\0") !== other.commandLine.join("\0")) return false;
  if (Math.abs(startedApartMs(one, other) ?? 0) < ONE_START_MS) return false;
  const stacks = [one, other].map(({ pid }) => processes.get(pid)?.stackStart ?? null);
  const forked = stacks[0] !== null && stacks[0] === stacks[1];
  return !forked && !areOfOneProgram(one, other);
}

function areOfOneProgram(one: Holder, other: Holder): boolean {
  if (one.parentPid === other.pid || other.parentPid === one.pid) return true;
  const services = [one, other].map(({ unit }) => unit?.endsWith(".service") === true);
  // what systemd starts twice, as two services, is meant to run twice; cron's jobs are all of its own service
  if (services.every(Boolean) && one.unit !== other.unit) return true;
  const left = one.parentPid === 1 && !services.some(Boolean); // by different parents, which have ended
  return one.parentPid === null || (one.parentPid === other.parentPid && !left);
}

/** How long after `one` the other was started, in ms; null where that is not known. */
function startedApartMs(one: Holder, other: Holder): number | null {
  return one.startedAt === null || other.startedAt === null
    ? null
    : other.startedAt.getTime() - one.startedAt.getTime();
}

/** `4300 was started 3 m 0 s after 4242, which held the lock then`. */
function startText(holder: Holder, other: Holder, { takenAt }: Pick<Snapshot, "takenAt">): string {
  const apartMs = startedApartMs(holder, other) ?? 0;
  if (apartMs < 0) return `${other.pid} was started ${duration(-apartMs)} before ${holder.pid}`;
  const since = takenAt.getTime() - (other.startedAt?.getTime() ?? 0);
  const held = (ms: number | null) => ms !== null && ms >= since;
  const then = held(holder.heldAtLeastMs)
    ? "which held the lock then"
    : held(holder.heldLikelyMs)
      ? "which likely held the lock then"
      : "which was still running (whether it held the lock then is unknown)";
  return `${other.pid} was started ${duration(apartMs)} after ${holder.pid}, ${then}`;
}

export const overlappingRuns = defineFinding({
  id: "overlapping-runs",
  severity: "info",
  needs: "locks",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
