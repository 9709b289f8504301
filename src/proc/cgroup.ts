/** `/proc/PID/cgroup`: the systemd unit and the container a process belongs to. Source: cgroups(7). */
import { type Reading, readText } from "./read.ts";

export interface Cgroup {
  /** The innermost systemd unit: `gunicorn.service`, `session-3.scope`; null where there is none. */
  readonly unit: string | null;
  /** `docker:0123456789ab`, `podman:…`, `containerd:…`, `lxc:NAME`; null outside of containers. */
  readonly container: string | null;
}

const CONTAINERS: readonly (readonly [RegExp, string])[] = [
  [/\/docker[-/]([0-9a-f]{64})/, "docker"],
  [/\/libpod-(?:conmon-)?([0-9a-f]{64})/, "podman"],
  [/(?:[/:]cri-containerd[-:]|\/kubepods[^/]*\/(?:[^/]*\/)*)([0-9a-f]{64})/, "containerd"],
  [/\/crio-([0-9a-f]{64})/, "cri-o"],
  [/\/lxc(?:\.payload[./]|\/)([^/]+)/, "lxc"],
  [/\/machine-([^/]+)\.scope/, "machine"],
];

/** Lines are `hierarchy:controllers:path`; unknown lines say nothing. Throws nothing. */
export function parseCgroup(text: string): Cgroup {
  const paths = text.split("\n").flatMap((line) => /^\d+:[^:]*:(\/.*)$/.exec(line)?.[1] ?? []);
  let unit: string | null = null;
  let container: string | null = null;
  for (const path of paths) {
    unit ??= path.split("/").findLast((part) => /\.(service|scope)$/.test(part)) ?? null;
    for (const [pattern, runtime] of CONTAINERS) {
      const id = pattern.exec(path)?.[1];
      if (id !== undefined) container ??= `${runtime}:${/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id}`;
    }
  }
  return { unit, container };
}

export function readCgroup(directory: string): Reading<Cgroup> {
  const reading = readText(`${directory}/cgroup`);
  return reading.kind === "ok" ? { kind: "ok", value: parseCgroup(reading.value) } : reading;
}
