/** `/proc/PID/ns/pid`: the pid namespace of a process. Source: pid_namespaces(7). */
import { readLink, valueOr } from "./read.ts";

/** The inode of the initial pid namespace, the machine's own. Source: `include/linux/proc_ns.h` (PROC_PID_INIT_INO). */
const INITIAL_PID_NAMESPACE = "pid:[4026531836]";

/**
 * Whether sqlock itself runs in a child pid namespace, as in a container. There /proc/locks leaves out the locks of all
 * processes outside of it.
 */
export function inChildPidNamespace(proc: string): boolean {
  const namespace = valueOr(readLink(`${proc}/self/ns/pid`), null);
  return namespace !== null && namespace !== INITIAL_PID_NAMESPACE;
}
