/** How a frozen process is let go on. Pure. */
import { basename } from "node:path";
import type { Holder } from "../model/report.ts";
import { shellQuoted } from "./shell.ts";

type Frozen = Pick<Holder, "frozen" | "container" | "containerUid" | "unit" | "unitManager" | "unitUid">;

/** The programs that pause containers by their cgroup, and take the id that its name has. */
const UNPAUSE: Readonly<Record<string, string>> = { docker: "docker unpause", podman: "podman unpause" };

/**
 * The command of the program that froze it, where the name of the cgroup shows which, else the kernel's own. Null for a
 * process that is not frozen.
 */
export function thawCommand({ frozen, container, containerUid, unit, unitManager, unitUid }: Frozen): string | null {
  if (frozen === null) return null;
  const { path, version } = frozen;
  const [, runtime = "", id = ""] = /^([\w-]+):([\w.-]+)$/.exec(container ?? "") ?? [];
  if (id !== "" && path.includes(id)) {
    const unpause = UNPAUSE[runtime];
    if (unpause !== undefined && containerUid === null) return `${unpause} ${shellQuoted(id)}`;
    if (unpause !== undefined) return `sudo -u '#${containerUid}' ${unpause} ${shellQuoted(id)}`;
    if (runtime === "lxc") return `lxc-unfreeze -n ${shellQuoted(id)}`;
  }
  const name = basename(path);
  if (name === unit && unitManager === "system") return `systemctl thaw ${shellQuoted(name)}`;
  if (name === unit && unitManager === "user")
    return `systemctl --user --machine=${unitUid}@.host thaw ${shellQuoted(name)}`;
  return version === 2
    ? `echo 0 > ${shellQuoted(`${path}/cgroup.freeze`)}`
    : `echo THAWED > ${shellQuoted(`${path}/freezer.state`)}`;
}
