/** Small words of the page of a recording. Pure. */

import { grouped, list } from "../../../text/list.ts";
import { time } from "../../record/words.ts";
import type { LeftOut } from "../collect/collector.ts";
import type { ZoneClock } from "../zone-clock.ts";

/** `WAITED` of the terminal is `Waited` here; what is no word stays. */
export function headText(name: string): string {
  return name === "PID" ? name : `${name.slice(0, 1)}${name.slice(1).toLowerCase()}`;
}

/** `2026-11-22 12:00:00 +01:00 to 12:20:00 (Europe/Berlin)` */
export function spanText(clock: ZoneClock, fromMs: number, toMs: number): string {
  const sameDay = clock.dateText(fromMs) === clock.dateText(toMs);
  const sameOffset = clock.offsetText(fromMs) === clock.offsetText(toMs);
  const end = sameDay && sameOffset ? clock.timeText(toMs, 0) : clock.text(toMs, 0);
  const named = clock.isOffset ? "the name of its time zone is not known" : clock.zone;
  const zone = clock.isOtherZone ? "UTC: the zone of the recording is not known here" : named;
  return `${clock.text(fromMs, 0)} to ${end} (${zone})`;
}

/** What is not in the page, though it is in the recording. */
export function leftOutTexts(leftOut: LeftOut): string[] {
  const parts = (["locks", "transactions", "waits", "refusals"] as const).flatMap((name) => {
    const { times, upToMs } = leftOut[name];
    return times === 0 ? [] : [`${grouped(times)} ${name} of up to ${time(upToMs)}`];
  });
  return [
    ...(parts.length === 0
      ? []
      : [
          `The timeline of this page does not show the shortest one by one: ${list(parts)}. ` +
            "Their locks are in the pale strips; the tables and the histograms count all of them.",
        ]),
    ...(leftOut.withoutLane === 0
      ? []
      : [`${grouped(leftOut.withoutLane)} events are of processes for which the timeline has no room.`]),
    ...(leftOut.texts === 0
      ? []
      : [`Statements are cut or left out ${grouped(leftOut.texts)} times in this page: too many different ones.`]),
  ];
}
