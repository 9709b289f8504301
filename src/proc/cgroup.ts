/** `/proc/PID/cgroup`: the systemd unit and the container a process belongs to. Source: cgroups(7). */
import { containerAt, containerOfUser } from "./cgroup-containers.ts";
import { type Reading, readText } from "./read.ts";

/**
 * Whose word a unit is. `system`: that of the system's manager, which only root can give. `user`: that of a user's own
 * manager; below `user@UID.service` that user makes cgroups of any name. `container`: that of the manager inside a
 * container, or of whoever makes cgroups in there.
 */
export type UnitManager = "system" | "user" | "container";

export interface Cgroup {
  /** `gunicorn.service`, `session-3.scope`: inside a container that of its own manager; null where there is none. */
  readonly unit: string | null;
  /** Null: there is no unit, or it lies outside of this cgroup namespace, where nobody can be told from another. */
  readonly unitManager: UnitManager | null;
  /** Of the user whose manager it is; null for other managers. */
  readonly unitUid: number | null;
  /** `docker:0123456789ab`, `podman:…`, `containerd:…`, `lxc:NAME`; null outside of containers. */
  readonly container: string | null;
  /** The user in whose part of the tree it stands: it is that user's, or only called so. Null: the system's. */
  readonly containerUid: number | null;
}

export const NO_CGROUP: Cgroup = {
  unit: null,
  unitManager: null,
  unitUid: null,
  container: null,
  containerUid: null,
};

/** Lines are `hierarchy:controllers:path`; other lines are ignored. Throws nothing. */
export function parseCgroup(text: string): Cgroup {
  const lines = text.split("\n").flatMap((line) => {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    return match === null ? [] : [{ controllers: match[1] ?? "", place: placeOf(match[2] ?? "") }];
  });
  // systemd's own hierarchy says which unit it is: name=systemd with version 1, the one without controllers with 2
  const rank = (controllers: string) => (controllers === "name=systemd" ? 0 : controllers === "" ? 1 : 2);
  const places = lines.sort((a, b) => rank(a.controllers) - rank(b.controllers)).map(({ place }) => place);
  const ofUnit = places.find(({ unit }) => unit !== null) ?? NO_CGROUP;
  const ofContainer = places.find(({ container }) => container !== null) ?? NO_CGROUP;
  return { ...ofUnit, container: ofContainer.container, containerUid: ofContainer.containerUid };
}

/** One path. systemd puts a unit below its slices, and makes nothing below a unit: what is there has another maker. */
function placeOf(path: string): Cgroup {
  const names = path.split("/").filter((name) => name !== "");
  if (names.includes("..")) return { ...NO_CGROUP, unit: innermostUnit(names) };
  const container = containerAt(names);
  if (container !== null) {
    const inside = innermostUnit(container.inside);
    const unit = inside ?? unitBelowSlices(names).unit;
    const unitManager = unit === null ? null : inside === null ? "system" : "container";
    return { ...NO_CGROUP, unit, unitManager, container: container.name };
  }
  const { unit, below } = unitBelowSlices(names);
  const uid = userOfSlices(names);
  if (uid === null) return { ...NO_CGROUP, unit, unitManager: unit === null ? null : "system" };
  const own = containerOfUser(below);
  const containerUid = own === null ? null : uid;
  const inside = own === null ? null : innermostUnit(own.inside);
  if (inside !== null)
    return { ...NO_CGROUP, unit: inside, unitManager: "container", container: own?.name ?? null, containerUid };
  const base = { ...NO_CGROUP, container: own?.name ?? null, containerUid };
  if (unit !== `user@${uid}.service`) return { ...base, unit, unitManager: unit === null ? null : "system" };
  const ofUser = unitBelowSlices(below).unit;
  return ofUser === null ? base : { ...base, unit: ofUser, unitManager: "user", unitUid: uid };
}

/** The first name that is no slice, where it is a unit's, and what is below it. */
function unitBelowSlices(names: readonly string[]): { unit: string | null; below: readonly string[] } {
  const at = names.findIndex((name) => !name.endsWith(".slice"));
  return at < 0 ? { unit: null, below: [] } : { unit: unitOf(names[at] ?? ""), below: names.slice(at + 1) };
}

/** `/user.slice/user-1000.slice`: where logind puts a user's manager and sessions. */
function userOfSlices([first, second]: readonly string[]): number | null {
  const uid = /^user-(\d{1,10})\.slice$/.exec(second ?? "")?.[1];
  return first === "user.slice" && uid !== undefined ? Number(uid) : null;
}

function innermostUnit(names: readonly string[]): string | null {
  return names.map(unitOf).findLast((unit) => unit !== null) ?? null;
}

/** systemd.unit(5): the characters of a name; one that the kernel could take for a file of its own begins with `_`. */
function unitOf(name: string): string | null {
  const unit = name.startsWith("_") ? name.slice(1) : name;
  return /^[A-Za-z0-9:_.\\@-]+\.(service|scope)$/.test(unit) ? unit : null;
}

export function readCgroup(directory: string): Reading<Cgroup> {
  const reading = readText(`${directory}/cgroup`);
  return reading.kind === "ok" ? { kind: "ok", value: parseCgroup(reading.value) } : reading;
}
