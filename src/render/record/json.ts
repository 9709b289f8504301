/** A recording as one document: what the file has, line by line. */
import { RECORDING_VERSION } from "../../recording/lines.ts";
import { VERSION } from "../../version.ts";
import { renderJson } from "../json.ts";

export function recordingDocument(lines: readonly object[]): string {
  return renderJson({ schemaVersion: RECORDING_VERSION, sqlock: VERSION, lines });
}
