/**
 * Containers by the names of cgroups. A name counts only where its runtime puts it, which is nowhere that an ordinary
 * user may make cgroups; what a user made is that user's, whatever it is called. Pure.
 */

export interface ContainerPlace {
  /** `docker:0123456789ab`, `lxc:NAME`. */
  readonly name: string;
  /** The names below: they are made in the container. */
  readonly inside: readonly string[];
}

const ID = "[0-9a-f]{64}";

/** Scopes and services of the system's manager, below its slices. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^docker-(${ID})\\.scope$`), "docker"],
  [new RegExp(`^libpod-(?:conmon-)?(${ID})\\.scope$`), "podman"],
  [new RegExp(`^cri-containerd-(${ID})\\.scope$`), "containerd"],
  [new RegExp(`^crio-(?:conmon-)?(${ID})\\.scope$`), "cri-o"],
  [/^machine-(.+)\.scope$/, "machine"],
  [/^systemd-nspawn@(.+)\.service$/, "machine"],
];

/** Services whose cgroups below are the runtime's own, which runs as root. */
const RUNTIME = `system\\.slice/(?:${[
  "docker",
  "containerd",
  "crio",
  "kubelet",
  "k3s",
  "k3s-agent",
  "rke2-server",
  "rke2-agent",
  "snap\\.docker\\.dockerd",
].join("|")})\\.service`;

/** From the root, without systemd (or beside it, with version 1). The id is the last group. */
const FROM_ROOT: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^/docker/(${ID})(?=/|$)`), "docker"],
  [new RegExp(`^/libpod_parent/libpod-(?:conmon-)?(${ID})(?=/|$)`), "podman"],
  [new RegExp(`^/kubepods(?:/(?:besteffort|burstable|guaranteed))?/pod[^/]+/(${ID})(?=/|$)`), "containerd"],
  [new RegExp(`^/kubepods\\.slice/(?:kubepods[^/]*\\.slice/)*(${ID})(?=/|$)`), "containerd"],
  // a runtime that was told to use systemd's names, without systemd; or below the service that it runs as
  [new RegExp(`^/(?:${RUNTIME}/)?[^/:]+:cri-containerd:(${ID})(?=/|$)`), "containerd"],
  [new RegExp(`^/(?:${RUNTIME}/)?[^/:]+:docker:(${ID})(?=/|$)`), "docker"],
  [new RegExp(`^/${RUNTIME}/docker/(${ID})(?=/|$)`), "docker"],
  [/^\/lxc(?:\.payload[./]|\/)([^/]+)(?=\/|$)/, "lxc"],
];

/** The outermost container of a path: of those inside it, it is told by its own inhabitants. */
export function containerAt(names: readonly string[]): ContainerPlace | null {
  const at = names.findIndex((name) => !name.endsWith(".slice"));
  const found = match(UNITS, names[at] ?? "");
  if (found !== null) return { name: found.name, inside: names.slice(at + 1) };
  const path = `/${names.join("/")}`;
  const place = match(FROM_ROOT, path);
  return place === null ? null : { name: place.name, inside: path.slice(place.length).split("/") };
}

/** Of a user's runtime, in that user's part of the tree: at any place, since all names there are that user's. */
export function containerOfUser(names: readonly string[]): ContainerPlace | null {
  for (let i = 0; i < names.length; i++) {
    const found = match(UNITS, names[i] ?? "");
    if (found !== null) return { name: found.name, inside: names.slice(i + 1) };
    const path = `/${names.slice(i).join("/")}`;
    const place = match(FROM_ROOT, path);
    if (place !== null) return { name: place.name, inside: path.slice(place.length).split("/") };
  }
  return null;
}

function match(
  patterns: readonly (readonly [RegExp, string])[],
  text: string,
): { name: string; length: number } | null {
  for (const [pattern, runtime] of patterns) {
    const found = pattern.exec(text);
    const id = found?.[1];
    if (found !== null && id !== undefined)
      return { name: `${runtime}:${new RegExp(`^${ID}$`).test(id) ? id.slice(0, 12) : id}`, length: found[0].length };
  }
  return null;
}
