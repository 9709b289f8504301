/** A time that was asked for, and of which a recording says nothing. Pure. */
import { UserError } from "../../errors.ts";
import type { FoundMoment, FoundSpan } from "../../recording/history/find-moment.ts";
import type { HistoryFacts } from "../../recording/history/history.ts";
import { offsetText } from "../../recording/history/zone.ts";
import { duration } from "../../text/duration.ts";
import { list } from "../../text/list.ts";
import { type Clock, dayText, timeText } from "./clock.ts";

/** Null: it is there. */
export function momentError(found: FoundMoment, facts: HistoryFacts, clock: Clock): UserError | null {
  const zone = clock.zone.name;
  switch (found.kind) {
    case "at":
      return null;
    case "outside":
      return outsideError("that time is not in the recording", facts, clock);
    case "never":
      return new UserError(
        "no-such-time",
        `${dayText(found.local)} ${timeText(found.local)} did not exist in ${zone}: clocks were set forward over it`,
        `${hasText(facts, clock)}`,
      );
    case "slept":
      return new UserError(
        "not-recorded",
        `the machine slept then: for ${duration(found.lengthMs)} until ${clock.ofUtc(found.utcMs)}`,
        hasText(facts, clock),
      );
    case "twice": {
      const names = found.utcMs.map((utcMs) => {
        const local = clock.zone.local(utcMs);
        return `"${dayText(local)} ${timeText(local)}${offsetText(clock.zone.offsetMs(utcMs))}"`;
      });
      return new UserError(
        "ambiguous-time",
        `that time was twice in ${zone}: clocks were set back`,
        `say which: ${names.join(" or ")}`,
      );
    }
  }
}

/** Why there is no such time between two. */
export function spanError(
  found: Exclude<FoundSpan, { kind: "span" }>,
  facts: HistoryFacts,
  clock: Clock,
): UserError | null {
  if (found.kind === "outside") return outsideError("nothing of that time is in the recording", facts, clock);
  if (found.kind !== "reversed") return momentError(found, facts, clock);
  return new UserError(
    "usage",
    "the second time of --between is before the first",
    "give the earlier one first; where they are of two days, give their days as well",
  );
}

function outsideError(what: string, facts: HistoryFacts, clock: Clock): UserError {
  return new UserError("not-recorded", what, hasText(facts, clock));
}

/** So many gaps are named. */
const LISTED = 3;

/** `the recording has 2026-07-01 10:00:00 to 14:30:00 CEST, with a gap from 11:00:00 to 11:20:00` */
function hasText({ fromMs, toMs, blanks }: HistoryFacts, clock: Clock): string {
  const gaps = blanks
    .filter(({ why }) => why === "no-recorder" || why === "broken-off")
    .map((each) => clock.range(each.fromMs, each.toMs));
  const shown = [...gaps.slice(0, LISTED), ...(gaps.length > LISTED ? [`${gaps.length - LISTED} more`] : [])];
  const without = gaps.length === 0 ? "" : `, without ${list(shown)}`;
  return `the recording has ${clock.range(fromMs, toMs)}${without}`;
}
