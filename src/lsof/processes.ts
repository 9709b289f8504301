/** What ps(1) tells of processes, on every system alike. */
import psList, { type ProcessDescriptor } from "ps-list";

/**
 * Without ps, or where it hangs on a process that does, there are no such details: they are not worth the answer. In
 * ms.
 */
const MOST_MS = 5000;

/** By pid: the whole command line as one text, and when it was started, to the second. */
export async function listProcesses(): Promise<ReadonlyMap<number, ProcessDescriptor>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ProcessDescriptor[]>((resolve) => {
    timer = setTimeout(resolve, MOST_MS, []);
  });
  try {
    const processes = await Promise.race([psList(), late]);
    return new Map(processes.map((each) => [each.pid, each]));
  } catch {
    return new Map();
  } finally {
    clearTimeout(timer);
  }
}
