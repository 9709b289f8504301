/** Details of processes from ps(1), which every system has. */
import psList, { type ProcessDescriptor } from "ps-list";

/** ps may hang with a process that does. Then, and without ps, these details are left out. */
const TIMEOUT_MS = 5000;

/** By pid: the whole command line as one text, and the start time, to the second. */
export async function listProcesses(): Promise<ReadonlyMap<number, ProcessDescriptor>> {
  let timer: NodeJS.Timeout | undefined;
  const noDetails = new Promise<ProcessDescriptor[]>((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS, []);
  });
  try {
    const processes = await Promise.race([psList(), noDetails]);
    return new Map(processes.map((each) => [each.pid, each]));
  } catch {
    return new Map();
  } finally {
    clearTimeout(timer);
  }
}
