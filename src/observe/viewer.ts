/** As whom this process looks. */
import type { Viewer } from "../model/viewer.ts";
import { inChildUserNamespace } from "../proc/user-namespace.ts";

export function viewerHere(userNamespace = inChildUserNamespace("/proc")): Viewer {
  return { uid: process.geteuid?.() ?? null, ...(userNamespace ? { userNamespace: true } : {}) };
}
