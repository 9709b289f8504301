/** The text of a trace: an object, in which each event has a line of its own. Pure. */
import type { ReportInput } from "../../features/report/input.ts";
import type { TraceText } from "../../features/report/perfetto.ts";
import { escapeJson } from "../../text/escape.ts";
import { VERSION } from "../../version.ts";
import { Trace } from "./trace.ts";

type Input = Pick<ReportInput, "meta" | "facts" | "span">;

export function traceText({ meta, facts, span }: Input, write: (text: string) => void): TraceText {
  write(
    escapeJson(`{"displayTimeUnit":"ms","otherData":${JSON.stringify(about({ meta, facts, span }))},"traceEvents":[`),
  );
  let separator = "\n";
  const trace = new Trace(facts, span.fromMs, meta.databases, (event) => {
    write(`${separator}${escapeJson(JSON.stringify(event))}`);
    separator = ",\n";
  });
  return {
    add: (line) => trace.add(line),
    end: (read) => {
      trace.end(read.facts);
      write("\n]}\n");
    },
  };
}

/** Of the recording as a whole. */
function about({ meta, facts: { clock }, span }: Input): Record<string, string> {
  const { source, exact, kernel, databases } = meta;
  return {
    ...{ sqlock: VERSION, began_utc: new Date(clock.toUtcMs(span.fromMs)).toISOString(), zone: clock.zone },
    ...{ source, exact: exact ? "yes" : "no: a sample", kernel },
    databases: databases.map(({ path }) => path).join(", "),
  };
}
