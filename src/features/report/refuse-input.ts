/** A report must not replace what it is made of: by name, by a link, or by a hard link. */
import { statSync } from "node:fs";
import { UserError } from "../../errors.ts";
import { escapeText } from "../../text/escape.ts";
import type { ReportOutput } from "./input.ts";

/** `files`: of the recording. @throws UserError */
export function refuseInput(option: string, output: ReportOutput | null, files: readonly string[]): void {
  const stats = output === null ? undefined : statSync(output.path, { throwIfNoEntry: false });
  if (output === null || stats === undefined) return;
  const isInput = files.some((path) => {
    const other = statSync(path, { throwIfNoEntry: false });
    return other !== undefined && other.dev === stats.dev && other.ino === stats.ino;
  });
  if (isInput)
    throw new UserError(
      "usage",
      `${option} ${escapeText(output.path)} is a file of the recording itself`,
      "give the path of another file",
    );
}
