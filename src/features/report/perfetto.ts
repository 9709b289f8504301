/** `report --perfetto OUT`: the recording as a trace, which is written while the recording is read. */
import type { TraceEvent } from "../../render/perfetto/event.ts";
import { traceEnd, traceStart, traceText } from "../../render/perfetto/text.ts";
import { Trace } from "../../render/perfetto/trace.ts";
import type { ReportInput, ReportOutput } from "./input.ts";
import { NewFile } from "./new-file.ts";

/** @throws UserError */
export async function writePerfetto(input: ReportInput, output: ReportOutput): Promise<void> {
  const file = new NewFile("--perfetto", output, input);
  try {
    file.write(traceStart(input.meta, input.facts, input.span.fromMs));
    let isFirst = true;
    const emit = (event: TraceEvent) => {
      file.write(traceText(event, isFirst));
      isFirst = false;
    };
    const trace = new Trace(input.facts, input.span.fromMs, input.meta.databases, emit);
    const { facts } = await input.read((line) => trace.add(line));
    trace.end(facts);
    file.write(traceEnd());
    file.putInPlace();
  } finally {
    file.discard();
  }
}
