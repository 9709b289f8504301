/** The words for a systemd unit and a container, and how a service is started anew. Pure. */
import type { ProcessFacts } from "../model/snapshot.ts";
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

/**
 * Null where no command of this system's reaches the manager. Source: systemctl(1), `--machine=`: with the special name
 * `.host` it is the user's own manager on this system.
 */
export function restartCommand({ unit, unitManager, unitUid }: Unit): string | null {
  if (unitManager === "system") return `systemctl restart ${shellQuoted(unit)}`;
  return unitManager === "user" ? `systemctl --user --machine=${unitUid}@.host restart ${shellQuoted(unit)}` : null;
}
