/** How a frozen process is thawed. Pure. */
import { basename } from "node:path";
import type { Holder } from "../model/report.ts";
import type { Viewer } from "../model/viewer.ts";
import { asRoot, asUser } from "./as-root.ts";
import { shellQuoted } from "./shell.ts";
import { systemctl } from "./unit.ts";

type Frozen = Pick<Holder, "frozen" | "container" | "containerUid" | "unit" | "unitManager" | "unitUid">;

/** Commands of the programs that pause containers by their cgroup: they take the id that its name has. */
const UNPAUSE: Readonly<Record<string, string>> = {
  docker: "docker unpause",
  podman: "podman unpause",
  lxc: "lxc-unfreeze -n",
};

/**
 * The command of the program that froze it, where the name of the cgroup shows which, else the kernel's own. Null for a
 * process that is not frozen.
 */
export function thawCommand(
  { frozen, container, containerUid, unit, unitManager, unitUid }: Frozen,
  viewer: Viewer,
): string | null {
  if (frozen === null) return null;
  const { path, version } = frozen;
  const [, runtime = "", id = ""] = /^([\w-]+):([\w.-]+)$/.exec(container ?? "") ?? [];
  if (id !== "" && path.includes(id)) {
    const unpause = UNPAUSE[runtime];
    const command = unpause === undefined ? null : `${unpause} ${shellQuoted(id)}`;
    if (command !== null)
      return containerUid === null ? asRoot(command, viewer) : asUser(containerUid, command, viewer);
  }
  const name = basename(path);
  const ofUnit = name === unit ? systemctl("thaw", { unit, unitManager, unitUid }, viewer) : null;
  if (ofUnit !== null) return ofUnit;
  return version === 2 ? write("0", `${path}/cgroup.freeze`, viewer) : write("THAWED", `${path}/freezer.state`, viewer);
}

/** The shell of an ordinary user must not open the file itself. */
function write(text: string, file: string, viewer: Viewer): string {
  const tee = `tee ${shellQuoted(file)}`;
  const root = asRoot(tee, viewer);
  return root === tee ? `echo ${text} > ${shellQuoted(file)}` : `echo ${text} | ${root}`;
}
