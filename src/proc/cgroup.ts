/** `/proc/PID/cgroup`: the systemd unit and the container a process belongs to. Source: cgroups(7). */
import { type Reading, readText } from "./read.ts";

export interface Cgroup {
  /** The innermost systemd unit: `gunicorn.service`, `session-3.scope`; null where there is none. */
  readonly unit: string | null;
  /** `docker:0123456789ab`, `podman:…`, `containerd:…`, `lxc:NAME`; null outside of containers. */
  readonly container: string | null;
}

const CONTAINERS: readonly (readonly [RegExp, string])[] = [
  [/\/docker[-/]([0-9a-f]{64})/g, "docker"],
  [/\/libpod-(?:conmon-)?([0-9a-f]{64})/g, "podman"],
  [/(?:[/:]cri-containerd[-:]|\/kubepods[^/]*\/(?:[^/]*\/)*)([0-9a-f]{64})/g, "containerd"],
  [/\/crio-([0-9a-f]{64})/g, "cri-o"],
  [/\/lxc(?:\.payload[./]|\/)([^/]+)/g, "lxc"],
  [/\/machine-([^/]+)\.scope/g, "machine"],
];

/** Lines are `hierarchy:controllers:path`; other lines are ignored. Throws nothing. */
export function parseCgroup(text: string): Cgroup {
  const paths = text.split("\n").flatMap((line) => /^\d+:[^:]*:(\/.*)$/.exec(line)?.[1] ?? []);
  let unit: string | null = null;
  let container: string | null = null;
  for (const path of paths) {
    unit ??= path.split("/").findLast((part) => /\.(service|scope)$/.test(part)) ?? null;
    container ??= innermostContainer(path);
  }
  return { unit, container };
}

/** Containers may be nested: the one whose name starts last in the path. */
function innermostContainer(path: string): string | null {
  let innermost: { at: number; text: string } | null = null;
  for (const [pattern, runtime] of CONTAINERS) {
    for (const match of path.matchAll(pattern)) {
      const id = match[1] ?? "";
      const at = match.index + match[0].length;
      if (innermost === null || at > innermost.at)
        innermost = { at, text: `${runtime}:${/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id}` };
    }
  }
  return innermost?.text ?? null;
}

export function readCgroup(directory: string): Reading<Cgroup> {
  const reading = readText(`${directory}/cgroup`);
  return reading.kind === "ok" ? { kind: "ok", value: parseCgroup(reading.value) } : reading;
}
