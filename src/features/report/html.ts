/** `report --html OUT`: a page in one file. */
import type { RecordingLine } from "../../recording/lines.ts";
import { type PageFiles, pageFiles } from "../output/page-files.ts";
import type { ReadSpan, ReportInput, ReportOutput } from "./input.ts";
import { NewFile } from "./new-file.ts";

/** Makes the text of it. */
export interface PageText {
  readonly add: (line: RecordingLine) => void;
  /** After the last line: the page. */
  readonly end: (read: ReadSpan) => string;
}

/** `begin`: of src/render/page/report/page-text.ts. @throws UserError */
export async function writeHtml(
  input: ReportInput,
  output: ReportOutput,
  begin: (input: ReportInput, files: PageFiles) => PageText,
): Promise<void> {
  const file = new NewFile("--html", output, input);
  try {
    const page = begin(input, pageFiles("report"));
    file.write(page.end(await input.read(page.add)));
    file.putInPlace();
  } finally {
    file.discard();
  }
}
