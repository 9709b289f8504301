/** Whether a process runs in a user namespace of its own. Source: user_namespaces(7). */
import { linkOf } from "./read.ts";

/** PROC_USER_INIT_INO of the kernel (include/linux/proc_ns.h). */
const INITIAL = "user:[4026531837]";

/** Users that it does not have show as 65534, and its root has no rights on their files. */
export function inChildUserNamespace(proc: string): boolean {
  const namespace = linkOf(`${proc}/self/ns/user`);
  return namespace !== "" && namespace !== INITIAL;
}
