/** `/proc/PID/wchan`: the function of the kernel that a sleeping task waits in. Source: proc_pid_wchan(5). */
import { type Reading, readText } from "./read.ts";

/** `hrtimer_nanosleep`; `0` for a task that runs, or that the reader may not look into. */
export function readWaitChannel(directory: string): Reading<string> {
  return readText(`${directory}/wchan`);
}
