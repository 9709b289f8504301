/** Which files a recording consists of. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { escapeText } from "../../text/escape.ts";

/** `sqlock-YYYYMMDDTHHMMSSmmmZ-NNNN.jsonl[.gz]`: the start of the run, and the number of the file in it. */
const SEGMENT = /^sqlock-(\d{8}T\d{9}Z)-(\d{4,})\.jsonl(\.gz)?$/;

/** The files at `path`, in the order of time. @throws UserError */
export function recordingFiles(path: string): string[] {
  const stats = statSync(path);
  if (!stats.isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => SEGMENT.test(name));
  if (names.length === 0)
    throw new UserError(
      "not-a-recording",
      `${escapeText(path)} has no segments of a recording`,
      "give the folder of sqlock record --keep, or a file of sqlock record -o",
    );
  return names.sort(byNumber).map((name) => join(path, name));
}

function byNumber(a: string, b: string): number {
  const [, startA = "", numberA = ""] = SEGMENT.exec(a) ?? [];
  const [, startB = "", numberB = ""] = SEGMENT.exec(b) ?? [];
  return startA === startB ? Number(numberA) - Number(numberB) : startA < startB ? -1 : 1;
}
