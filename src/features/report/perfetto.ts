/** `report --perfetto OUT`: the recording as a trace, which is written while the recording is read. */
import type { RecordingLine } from "../../recording/lines.ts";
import type { ReadSpan, ReportInput, ReportOutput } from "./input.ts";
import { NewFile } from "./new-file.ts";

/** Makes the text of it. */
export interface TraceText {
  readonly add: (line: RecordingLine) => void;
  /** After the last line. */
  readonly end: (read: ReadSpan) => void;
}

/** `begin`: of src/render/perfetto/text.ts. @throws UserError */
export async function writePerfetto(
  input: ReportInput,
  output: ReportOutput,
  begin: (input: ReportInput, write: (text: string) => void) => TraceText,
): Promise<void> {
  const file = new NewFile("--perfetto", output, input);
  try {
    const trace = begin(input, (text) => file.write(text));
    trace.end(await input.read(trace.add));
    file.putInPlace();
  } finally {
    file.discard();
  }
}
