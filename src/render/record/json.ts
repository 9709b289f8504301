/** A recording as one document: what the file has, line by line. */
import { RECORDING_VERSION } from "../../recording/lines.ts";
import { escapeJson } from "../../text/escape.ts";
import { VERSION } from "../../version.ts";

/** In characters: of a document that may be too large for one string. */
const PIECE = 100_000;

/** `lines`: JSON, each. In pieces, to be printed one after the other. */
export function* recordingDocument(lines: readonly string[]): Generator<string> {
  const { schemaVersion, sqlock } = { schemaVersion: RECORDING_VERSION, sqlock: VERSION };
  let text = `{\n  "schemaVersion": ${schemaVersion},\n  "sqlock": ${JSON.stringify(sqlock)},\n  "lines": [`;
  for (const [index, line] of lines.entries()) {
    const indented = JSON.stringify(JSON.parse(line), null, 2).replaceAll("\n", "\n    ");
    text += `${index === 0 ? "" : ","}\n    ${escapeJson(indented)}`;
    if (text.length < PIECE) continue;
    yield text;
    text = "";
  }
  yield `${text}${lines.length === 0 ? "" : "\n  "}]\n}\n`;
}
