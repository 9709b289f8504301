/** The words for a systemd unit and a container, and how a service is restarted. Pure. */
import type { ProcessFacts } from "../model/snapshot.ts";
import type { Viewer } from "../model/viewer.ts";
import { asRoot } from "./as-root.ts";
import { shellQuoted } from "./shell.ts";

type Unit = { readonly unit: string } & Pick<ProcessFacts, "unitManager" | "unitUid">;

/** `sshd.service`, `sshd.service of user 1001's manager`. */
export function unitName({ unit, unitManager, unitUid }: Unit): string {
  switch (unitManager) {
    case "system":
      return unit;
    case "user":
      return `${unit} of user ${unitUid}'s manager`;
    case "container":
      return `${unit} of the manager inside the container`;
    case null:
      return `${unit} of an unknown manager`;
  }
}

/** `podman:0123456789ab`, `podman:0123456789ab of user 1000`. */
export function containerName(container: string, uid: number | null): string {
  return uid === null ? container : `${container} of user ${uid}`;
}

/** Null where no command of this system reaches the manager. */
export function restartCommand(unit: Unit, viewer: Viewer): string | null {
  return systemctl("restart", unit, viewer);
}

/**
 * Null where no command of this system reaches the manager. Source: systemctl(1), `--machine=`: with the special name
 * `.host` it is another user's manager on this system, which takes root.
 */
export function systemctl(
  verb: "restart" | "thaw",
  { unit, unitManager, unitUid }: Unit,
  viewer: Viewer,
): string | null {
  // a name that begins with a dash would be an option of systemctl, such as --host=
  const command = `${verb} ${unit.startsWith("-") ? "-- " : ""}${shellQuoted(unit)}`;
  if (unitManager === "system") return asRoot(`systemctl ${command}`, viewer);
  if (unitManager !== "user") return null;
  return viewer.uid === unitUid && unitUid !== null
    ? `systemctl --user ${command}`
    : asRoot(`systemctl --user --machine=${unitUid}@.host ${command}`, viewer);
}
