/** As whom this process looks. */
import type { Viewer } from "../model/viewer.ts";

export function viewerHere(userNamespace = false): Viewer {
  return { uid: process.geteuid?.() ?? null, ...(userNamespace ? { userNamespace: true } : {}) };
}
