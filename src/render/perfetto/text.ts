/** The text of a trace: an object, in which each event has a line of its own. Pure. */
import type { HistoryFacts } from "../../recording/history/history.ts";
import type { MetaLine } from "../../recording/lines.ts";
import { escapeJson } from "../../text/escape.ts";
import { VERSION } from "../../version.ts";
import type { TraceEvent } from "./event.ts";

/** `originMs`: on the axis, where the trace has its 0. */
export function traceStart(meta: MetaLine, { clock }: HistoryFacts, originMs: number): string {
  const { source, exact, kernel, databases } = meta;
  const about = {
    ...{ sqlock: VERSION, began_utc: new Date(clock.toUtcMs(originMs)).toISOString(), zone: clock.zone },
    ...{ source, exact: exact ? "yes" : "no: a sample", kernel },
    databases: databases.map(({ path }) => path).join(", "),
  };
  return escapeJson(`{"displayTimeUnit":"ms","otherData":${JSON.stringify(about)},"traceEvents":[\n`);
}

/** `isFirst`: no event is before it. */
export function traceText(event: TraceEvent, isFirst: boolean): string {
  return `${isFirst ? "" : ",\n"}${escapeJson(JSON.stringify(event))}`;
}

export function traceEnd(): string {
  return "\n]}\n";
}
