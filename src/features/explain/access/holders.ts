/** What is known of the processes that have a database open, beside their users' rights. */
import type { DatabaseReport, Holder } from "../../../model/report.ts";
import { readFdInfo } from "../../../proc/fdinfo.ts";
import { type Mount, readMountinfo } from "../../../proc/mountinfo.ts";
import { valueOr } from "../../../proc/read.ts";
import { readSecurityLabel, readSelinuxEnforcing } from "../../../proc/security.ts";
import type { TriedHolder } from "./facts.ts";

const PROC = "/proc";

/** `mount`: on which this process sees the database. */
export function holderFacts({ holders }: DatabaseReport, mount: Mount | null): TriedHolder[] {
  const enforcing = readSelinuxEnforcing();
  return holders.flatMap((holder) => {
    if (holder.uid === null) return [];
    const directory = `${PROC}/${holder.pid}`;
    const handles = holder.handles.filter(({ role, deleted, moved }) => role === "database" && !deleted && !moved);
    return [
      {
        pid: holder.pid,
        uid: holder.uid,
        onlyReads: handles.length > 0 && handles.every(({ access }) => access === "read"),
        writes: holder.handles.flatMap(({ role, access, deleted, moved }) =>
          (access === "read-write" || access === "write") && !deleted && !moved ? [role] : [],
        ),
        readOnlyMount: mount?.readOnly === false && seesItReadOnly(directory, handles),
        label: valueOr(readSecurityLabel(directory, enforcing), null),
      },
    ];
  });
}

/** By the mount of its descriptor, which may be one of another mount namespace. */
function seesItReadOnly(directory: string, handles: Holder["handles"]): boolean {
  const [handle] = handles;
  if (handle === undefined) return false;
  const id = valueOr(readFdInfo(directory, String(handle.fd)), null)?.mountId;
  return valueOr(readMountinfo(directory), []).find((each) => each.id === id)?.readOnly === true;
}
