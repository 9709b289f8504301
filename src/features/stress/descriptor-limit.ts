/** Whether this process has enough descriptors for the processes of a load. */
import { readOpenFilesLimit } from "../../proc/limits.ts";
import { readNames, valueOr } from "../../proc/read.ts";
import { startError } from "./errors.ts";

/** For each child: standard input, standard error and descriptor 3. */
const DESCRIPTORS_PER_PROCESS = 3;

/** Used for a moment by a start, or still open after a kill. */
const SPARE_DESCRIPTORS = 20;

/** Node.js crashes where it cannot make a pipe for a child, without an error to catch. @throws UserError */
export function refuseTooManyProcesses(processes: number): void {
  const limit = valueOr(readOpenFilesLimit("/proc/self"), null);
  const used = valueOr(readNames("/proc/self/fd"), []).length;
  if (limit !== null && used + DESCRIPTORS_PER_PROCESS * processes + SPARE_DESCRIPTORS > limit)
    throw startError({ kind: "errno", code: "EMFILE" });
}
