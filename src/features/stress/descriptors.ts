/** Whether there are descriptors for so many processes. */
import { readOpenFilesLimit } from "../../proc/limits.ts";
import { readNames, valueOr } from "../../proc/read.ts";
import { notStarted } from "./faults.ts";

/**
 * Of this process: standard input, error and descriptor 3 of each; and what starting one takes for a moment, or a
 * killed one still has.
 */
const DESCRIPTORS = 3;
const SPARE_DESCRIPTORS = 20;

/** Node.js brings a process down that has none left for a pipe, with no word that could be caught. @throws UserError */
export function refuseTooMany(processes: number): void {
  const limit = valueOr(readOpenFilesLimit("/proc/self"), null);
  const used = valueOr(readNames("/proc/self/fd"), []).length;
  if (limit !== null && used + DESCRIPTORS * processes + SPARE_DESCRIPTORS > limit) throw notStarted("EMFILE");
}
