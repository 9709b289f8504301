/** `report --html OUT`: a page in one file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RecordingLine } from "../../recording/lines.ts";
import type { ReadSpan, ReportInput, ReportOutput } from "./input.ts";
import { NewFile } from "./new-file.ts";

/** What the build makes of src/page. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

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
    const page = begin(input, pageFiles());
    file.write(page.end(await input.read(page.add)));
    file.putInPlace();
  } finally {
    file.discard();
  }
}

function pageFiles(): PageFiles {
  const read = (name: string) => readFileSync(join(import.meta.dirname, "../page", name), "utf8");
  return { script: read("report.js"), style: read("page.css") };
}
