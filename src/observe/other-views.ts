/**
 * The other path under which an overlay shows the same file: below its mount point what lies in one of its layers, and
 * the other way round. They have the same bytes, but the kernel keeps locks and descriptors of each apart.
 */
import type { BigIntStats } from "node:fs";
import { join, relative } from "node:path";
import type { DatabaseFile, OtherView, Target } from "../model/snapshot.ts";
import { innermost, mountIndex, placesAbove } from "../proc/mount-index.ts";
import { lookUpMayHang, type Mount, readMountinfo } from "../proc/mountinfo.ts";
import { readText, valueOr } from "../proc/read.ts";
import { COMPANIONS } from "../sqlite/roles.ts";
import type { User } from "../user/user.ts";
import { statIfPresent, toDatabaseFile } from "./identify.ts";
import { indexLayers, type LayerIndex, placesOf, withoutSlash } from "./layer-index.ts";
import { foldersOf, isForeign, type MountSpace, type Overlay, readOverlays } from "./mount-spaces.ts";
import { SafeWalk } from "./safe-walk.ts";

/** More layers, or views of one file (containers of one image), are not looked at. */
const MAX_VIEWS = 64;

/** How often two files that are written meanwhile are compared. */
const MAX_COMPARISONS = 20;

const PROCESS_ROOT = /^\/proc\/(\d+)\/root(?=\/)/;

/**
 * The targets with their other views. `mounts`: of this process. `thorough`: also overlays of mount namespaces that
 * this user may not inspect, which takes a file of each process.
 */
export function withOtherViews(
  targets: readonly Target[],
  proc: string,
  mounts: readonly Mount[],
  thorough: boolean,
): Target[] {
  if (targets.length === 0 || !/^nodev\toverlay$/m.test(valueOr(readText(`${proc}/filesystems`), "")))
    return [...targets];
  const { own, overlays, cut, close } = readOverlays(proc, mounts, thorough);
  try {
    if (overlays.length === 0 && !cut) return [...targets];
    const index = indexLayers(own, overlays);
    return targets.map((target) =>
      target.files.length === 0 ? target : targetWithViews(target, own, overlays, index, cut || index.cut),
    );
  } finally {
    close();
  }
}

/** Their files as they are now. */
export function refreshViews(views: readonly OtherView[]): OtherView[] {
  return views.flatMap((view) => {
    if (view.kind === "superseded") return [view];
    const walk = walkOf(view.pid);
    try {
      const files = filesOf(walk, view.path, null);
      return files.length === 0 ? [] : [{ ...view, files }];
    } finally {
      walk.close();
    }
  });
}

/** Null: this process. */
function walkOf(pid: number | null): SafeWalk {
  const directory = pid === null ? "/proc/self" : `/proc/${pid}`;
  const index = mountIndex(valueOr(readMountinfo(directory), []));
  const foreign = pid !== null && isForeign("/proc", String(pid));
  return new SafeWalk({ root: pid === null ? "" : `${directory}/root`, index, foreign });
}

function targetWithViews(
  target: Target,
  own: MountSpace,
  overlays: readonly Overlay[],
  { real, byPlace, relative }: LayerIndex,
  cut: boolean,
): Target {
  const views = new Map<string, OtherView>();
  const unreached = new Map<string, string>();
  const folders = foldersAbove(target.path, own);
  const near = new Set([...relative, ...[...folders.keys()].flatMap((place) => byPlace.get(place) ?? [])]);
  for (const overlay of near.size === 0 ? [] : overlays.filter((each) => near.has(each))) {
    const { device, mountPoint } = overlay.mount;
    if (views.has(device) || views.size + unreached.size >= MAX_VIEWS) continue;
    const found = mergedView(target, overlay, own, folders, real);
    if (found === "unreached") unreached.set(device, mountPoint);
    else if (found !== null) views.set(device, found);
  }
  const layer = layerView(target, overlays, own);
  return {
    ...target,
    views: [...views.values(), ...(layer === null ? [] : [layer])],
    unreachedViews: [...unreached].flatMap(([device, mountPoint]) => (views.has(device) ? [] : [mountPoint])),
    ...(cut ? { unreadMounts: true } : {}),
  };
}

/** A folder above the target, by its place in a file system. */
type Folders = ReadonlyMap<string, string>;

function foldersAbove(path: string, own: MountSpace): Folders {
  const inProcess = PROCESS_ROOT.exec(path);
  if (inProcess === null) return placesAbove(own.layerMounts, path);
  const [root, pid = ""] = inProcess;
  const mounts = mountIndex(valueOr(readMountinfo(`/proc/${pid}`), []));
  const folders = placesAbove(mounts, path.slice(root.length));
  return new Map([...folders].map(([place, folder]) => [place, join(root, folder)]));
}

/** What an overlay shows of a file in one of its layers; null where the file is in none of them. */
function mergedView(
  target: Target,
  overlay: Overlay,
  own: MountSpace,
  folders: Folders,
  real: ReadonlyMap<string, string>,
) {
  const { space, mount, layers } = overlay;
  let isInLayer = false;
  let superseded: OtherView | null = null;
  for (const dir of foldersOf(layers)) {
    for (const { path: folder, certain } of layerFolders(dir, space, own, folders, real)) {
      const path = pathBelow(mount, relative(folder, target.path));
      if (path === null) continue; // another part of the overlay is mounted there
      if (space.foreign || mayHangInside(overlay, own)) return "unreached" as const;
      const walk = space.walk();
      if (innermost(walk.way.index, path)?.id !== mount.id) continue; // another mount covers it
      const found = walk.lookUp(path, { user: target.lookAs });
      if (found.kind !== "ok") {
        // gone, or a link on the way: hidden there by another layer
        isInLayer ||= certain && found.kind !== "gone" && found.kind !== "link";
        continue;
      }
      const reachedAt = space.root + path;
      const { mountPoint } = mount;
      if (!isSameContent(target, walk, path)) {
        // copied up since, or a file of a higher layer hides it
        if (certain) superseded = { kind: "superseded", path, reachedAt, mountPoint, pid: space.pid, files: [] };
        continue;
      }
      const files = filesOf(walk, path, target.lookAs);
      if (files.length > 0) return { kind: "merged", path, reachedAt, mountPoint, pid: space.pid, files } as const;
    }
  }
  return isInLayer ? ("unreached" as const) : superseded;
}

/** Which of these folders a layer is. `certain`: it is that very folder. */
function layerFolders(
  dir: string,
  space: MountSpace,
  own: MountSpace,
  folders: Folders,
  real: ReadonlyMap<string, string>,
) {
  if (!dir.startsWith("/"))
    return [...folders.values()]
      .filter((path) => path.endsWith(`/${dir.replace(/^(\.\/)+/, "").replace(/\/+$/, "")}`))
      .map((path) => ({ path, certain: false }));
  for (const place of placesOf(dir, space, own, real)) {
    const found = folders.get(place);
    if (found !== undefined) return [{ path: found, certain: true }];
  }
  return [];
}

/** A layer lies on a mount that may be dead: to look up a name in the overlay asks it. */
function mayHangInside({ space, layers }: Overlay, own: MountSpace): boolean {
  return foldersOf(layers).some((dir) =>
    [own, space].some(({ layerMounts }) => {
      const mount = dir.startsWith("/") ? innermost(layerMounts, withoutSlash(dir)) : null;
      return mount !== null && lookUpMayHang(mount.type);
    }),
  );
}

/** Where a mount shows a path inside of its file system; null where it does not. */
function pathBelow({ root, mountPoint }: Mount, inside: string): string | null {
  const rest = relative(root, join("/", inside));
  return rest.startsWith("..") || rest === "" ? null : join(mountPoint, rest);
}

/** The file of the topmost layer that has a target which lies on an overlay. */
function layerView(target: Target, overlays: readonly Overlay[], own: MountSpace): OtherView | null {
  const [database] = target.files;
  const overlay = overlays.find(({ mount }) => mount.id === database?.mountId);
  if (overlay === undefined) return null;
  const { space, mount, layers } = overlay;
  const path =
    space.root !== "" && target.path.startsWith(`${space.root}/`) ? target.path.slice(space.root.length) : target.path;
  const inside = join(mount.root, relative(mount.mountPoint, path));
  const { lookAs: user } = target;
  for (const dir of foldersOf(layers)) {
    if (!dir.startsWith("/")) continue;
    for (const { pid, root, walk } of new Set([own, space])) {
      const layer = walk().lookUp(dir, { follow: true, user });
      if (layer.kind !== "ok") continue;
      const at = join(layer.path, inside);
      const found = walk().lookUp(at, { user });
      if (found.kind !== "ok" || !found.value.stats.isFile() || !isSameContent(target, walk(), at)) continue;
      const files = filesOf(walk(), at, user);
      if (files.length > 0)
        return { kind: "layer", path: at, reachedAt: root + at, mountPoint: mount.mountPoint, pid, files };
    }
  }
  return null;
}

/** The database there and its companion files; [] where it is gone. */
function filesOf(walk: SafeWalk, path: string, user: User | null): DatabaseFile[] {
  const files: DatabaseFile[] = [];
  const mounts = [...walk.way.index.values()];
  for (const { role, suffix } of [{ role: "database", suffix: "" } as const, ...COMPANIONS]) {
    const found = walk.lookUp(path + suffix, { user });
    if (found.kind === "ok" && found.value.stats.isFile())
      files.push(toDatabaseFile(role, path + suffix, found.value, mounts));
    else if (role === "database") return [];
  }
  return files;
}

/**
 * Whether an overlay takes a file from that layer: it shows its size and its times to the nanosecond. No program can
 * set the time of the last change (st_ctime).
 */
function isSameContent(target: Target, walk: SafeWalk, path: string): boolean {
  const here = () => statIfPresent(target.path, target.lookAs);
  let before = here();
  for (let i = 0; i < MAX_COMPARISONS; i++) {
    const there = walk.lookUp(path, { user: target.lookAs });
    const after = here();
    if (there.kind !== "ok" || after === undefined || before === undefined) return false;
    const stamp = stampOf(there.value.stats);
    if (stampOf(before) === stamp || stamp === stampOf(after)) return true;
    if (stampOf(before) === stampOf(after)) return false;
    before = after;
  }
  return false;
}

function stampOf({ size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs}`;
}
