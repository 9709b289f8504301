/** The times of which a recording tells nothing, in words. Pure. */
import type { Blank, HistoryFacts } from "../../../recording/history/history.ts";
import { isSampledBlank } from "../../../recording/history/sampled-blank.ts";
import { time } from "../../record/words.ts";
import type { ZoneData } from "../data.ts";

const WHY: Readonly<Record<Blank["why"], string>> = {
  "no-recorder": "not recorded: no recorder ran",
  "broken-off": "not recorded: the recorder was killed, or could not write",
  "disk-full": "not recorded: nothing could be written",
  lost: "events were lost",
  "switched-off": "not recorded: another program had switched the tracing off",
  damaged: "not known: the file is damaged here",
};

const NOT_READ = "not recorded: /proc/locks was not read";

const MOST = 2_000;

export function zonesOf({ blanks, suspensions, runs, toMs }: HistoryFacts): ZoneData[] {
  const cuts = runs.filter((run, i) => run.end === "cut" && (runs[i + 1] === undefined ? run.toMs < toMs : false));
  return [
    ...blanks.slice(0, MOST).map((each): ZoneData => {
      return {
        fromMs: each.fromMs,
        toMs: each.toMs,
        kind: "blank",
        text: isSampledBlank(each, runs) ? NOT_READ : WHY[each.why],
      };
    }),
    ...suspensions.slice(0, MOST).map(({ atMs, lengthMs }): ZoneData => {
      return { fromMs: atMs, toMs: atMs, kind: "suspended", text: `the machine was suspended for ${time(lengthMs)}` };
    }),
    ...cuts.map((run): ZoneData => {
      return { fromMs: run.toMs, toMs, kind: "cut", text: "not known: the recorder ended without a summary" };
    }),
  ];
}
