/** `/proc/PID/wchan`: the kernel function in which a task sleeps. Source: proc_pid_wchan(5). */
import { type Reading, readText } from "./read.ts";

/** `hrtimer_nanosleep`; `0` for a task that runs, or where reading it is not permitted. */
export function readWaitChannel(directory: string): Reading<string> {
  return readText(`${directory}/wchan`);
}
