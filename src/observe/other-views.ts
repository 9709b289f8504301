/**
 * The other path under which an overlay shows the same file: below its mount point what lies in one of its layers, and
 * the other way round. They have the same bytes, but the kernel keeps locks and descriptors of each apart.
 */
import { type BigIntStats, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { DatabaseFile, OtherView, Target } from "../model/snapshot.ts";
import { type Mount, mayHang, mountOfPath, readMountinfo } from "../proc/mountinfo.ts";
import { type OverlayLayers, overlayLayersOf } from "../proc/overlay.ts";
import { failure, linkOf, readNames, readText, readTextStart, valueOr } from "../proc/read.ts";
import { COMPANIONS } from "../sqlite/roles.ts";
import { type IdentifiedFile, identify, toDatabaseFile } from "./identify.ts";

/** What a mount namespace shows. */
interface MountSpace {
  /** A process in it; null: this one. */
  readonly pid: number | null;
  /** What leads into it from here, before an absolute path: "" or `/proc/PID/root`. */
  readonly root: string;
  readonly mounts: readonly Mount[];
}

interface Overlay {
  readonly space: MountSpace;
  readonly mount: Mount;
  readonly layers: OverlayLayers;
}

/** More layers, or views of one file (containers of one image), are not looked at. */
const MAX_VIEWS = 64;

/** How often two files that are written meanwhile are compared. */
const MAX_COMPARISONS = 20;

/**
 * The targets with their other views. `mounts`: of this process. `thorough`: also overlays of mount namespaces that
 * this user may not look into, which takes a file of each process.
 */
export function withOtherViews(
  targets: readonly Target[],
  proc: string,
  mounts: readonly Mount[],
  thorough: boolean,
): Target[] {
  if (targets.length === 0 || !/^nodev\toverlay$/m.test(valueOr(readText(`${proc}/filesystems`), "")))
    return [...targets];
  const overlays = mountSpaces(proc, mounts, thorough).flatMap((space) =>
    space.mounts.flatMap((mount): Overlay[] => {
      const layers = overlayLayersOf(mount);
      return layers === null ? [] : [{ space, mount, layers }];
    }),
  );
  if (overlays.length === 0) return [...targets];
  return targets.map((target) => (target.files.length === 0 ? target : withViews(target, overlays, mounts)));
}

/** Their files as they are now. */
export function refreshViews(views: readonly OtherView[]): OtherView[] {
  return views.flatMap((view) => {
    if (view.kind === "superseded") return [view];
    const mounts = view.pid === null ? "/proc/self" : `/proc/${view.pid}`;
    const files = filesOf(view.reachedAt, view.path, valueOr(readMountinfo(mounts), []));
    return files.length === 0 ? [] : [{ ...view, files }];
  });
}

/** Enough for the first line of mountinfo, whose mount no other namespace has. */
const FIRST_LINE_BYTES = 64;

/** This process's own, and one of each other that may be looked into (`thorough`: whose mounts may be read). */
function mountSpaces(proc: string, mounts: readonly Mount[], thorough: boolean): MountSpace[] {
  const known = new Set([linkOf(`${proc}/self/ns/mnt`)]);
  const spaces: MountSpace[] = [{ pid: null, root: "", mounts }];
  for (const name of valueOr(readNames(proc), [])) {
    if (name < "0" || name >= ":") continue;
    const link = linkOf(`${proc}/${name}/ns/mnt`);
    const namespace =
      link === "" && thorough ? valueOr(readTextStart(`${proc}/${name}/mountinfo`, FIRST_LINE_BYTES), "") : link;
    if (namespace === "" || known.has(namespace)) continue;
    const reading = readMountinfo(`${proc}/${name}`);
    if (reading.kind !== "ok" || reading.value.length === 0) continue;
    known.add(namespace);
    spaces.push({ pid: Number(name), root: `${proc}/${name}/root`, mounts: reading.value });
  }
  return spaces;
}

function withViews(target: Target, overlays: readonly Overlay[], mounts: readonly Mount[]): Target {
  const [database] = target.files;
  if (database === undefined) return target;
  const views = new Map<string, OtherView>();
  const unreached = new Map<string, string>();
  const folders = foldersAbove(target.path, mounts);
  for (const overlay of overlays) {
    const { device, mountPoint } = overlay.mount;
    if (views.has(device) || views.size >= MAX_VIEWS) continue;
    const found = mergedView(target, overlay, folders);
    if (found === "unreached") unreached.set(device, mountPoint);
    else if (found !== null) views.set(device, found);
  }
  const layer = layerView(target, overlays);
  return {
    ...target,
    views: [...views.values(), ...(layer === null ? [] : [layer])],
    unreachedViews: [...unreached].flatMap(([device, mountPoint]) => (views.has(device) ? [] : [mountPoint])),
  };
}

interface Folder {
  readonly path: string;
  readonly file: string;
}

/** The folders on the way to a file; those on mounts that may hang are left out. */
function foldersAbove(path: string, mounts: readonly Mount[]): Folder[] {
  const folders: Folder[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const mount = mountOfPath(mounts, folder);
    const stats = mount !== null && mayHang(mount.type) ? null : statOf(folder);
    if (stats !== null) folders.push({ path: folder, file: identityOf(stats) });
    if (folder === dirname(folder)) return folders;
  }
}

/** What an overlay shows of a file in one of its layers; null where the file is in none of them. */
function mergedView(target: Target, { space, mount, layers }: Overlay, folders: readonly Folder[]) {
  const dirs = [...(layers.upper === null ? [] : [layers.upper]), ...layers.lower];
  let isInLayer = false;
  let superseded: OtherView | null = null;
  for (const dir of dirs) {
    for (const { path: folder, certain } of layerFolders(dir, space, folders)) {
      const inside = relative(folder, target.path);
      const path = pathBelow(mount, inside);
      if (path === null) continue; // another part of the overlay is mounted there
      const reachedAt = space.root + path;
      const found = identify(reachedAt, { user: target.lookAs });
      if (found.kind !== "ok" || found.value.mountId !== mount.id) {
        // gone: hidden there by another layer. Another mount: it covers that file.
        isInLayer ||= certain && found.kind !== "gone" && found.kind !== "ok";
        continue;
      }
      const { mountPoint } = mount;
      if (!isSameContent(target.path, reachedAt)) {
        // copied up since, or a file of a higher layer hides it
        if (certain) superseded = { kind: "superseded", path, reachedAt, mountPoint, pid: space.pid, files: [] };
        continue;
      }
      const files = filesOf(reachedAt, path, space.mounts);
      if (files.length > 0) return { kind: "merged", path, reachedAt, mountPoint, pid: space.pid, files } as const;
    }
  }
  return isInLayer ? ("unreached" as const) : superseded;
}

/** Which of these folders a layer is. `certain`: it is that very folder. */
function layerFolders(dir: string, space: MountSpace, folders: readonly Folder[]) {
  if (!dir.startsWith("/"))
    return folders
      .filter(({ path }) => path.endsWith(`/${dir.replace(/^(\.\/)+/, "").replace(/\/+$/, "")}`))
      .map(({ path }) => ({ path, certain: false }));
  const places = space.root === "" ? [dir] : [space.root + dir, dir];
  for (const place of places) {
    const mount = mountOfPath(space.mounts, dir);
    const stats = mount !== null && mayHang(mount.type) ? null : statOf(place);
    const found = stats === null ? undefined : folders.find(({ file }) => file === identityOf(stats));
    if (found !== undefined) return [{ path: found.path, certain: true }];
  }
  return [];
}

/** Where a mount shows a path inside of its file system; null where it does not. */
function pathBelow({ root, mountPoint }: Mount, inside: string): string | null {
  const rest = relative(root, join("/", inside));
  return rest.startsWith("..") || rest === "" ? null : join(mountPoint, rest);
}

/** The file of the topmost layer that has a target which lies on an overlay. */
function layerView(target: Target, overlays: readonly Overlay[]): OtherView | null {
  const [database] = target.files;
  if (target.fileSystem?.type !== "overlay" && database?.mountId === null) return null;
  const overlay = overlays.find(({ mount }) => mount.id === database?.mountId);
  if (overlay === undefined) return null;
  const { space, mount, layers } = overlay;
  const path =
    space.root !== "" && target.path.startsWith(`${space.root}/`) ? target.path.slice(space.root.length) : target.path;
  const inside = join(mount.root, relative(mount.mountPoint, path));
  for (const dir of [...(layers.upper === null ? [] : [layers.upper]), ...layers.lower]) {
    if (!dir.startsWith("/")) continue;
    for (const root of new Set(["", space.root])) {
      const at = join(dir, inside);
      const reachedAt = root + at;
      const below = mountOfPath(space.mounts, at);
      if (below !== null && mayHang(below.type)) continue;
      const found = identify(reachedAt, { user: target.lookAs });
      if (found.kind !== "ok" || !found.value.stats.isFile() || !isSameContent(reachedAt, target.path)) continue;
      const files = filesOf(reachedAt, at, space.mounts);
      if (files.length > 0)
        return {
          kind: "layer",
          path: at,
          reachedAt,
          mountPoint: mount.mountPoint,
          pid: root === "" ? null : space.pid,
          files,
        };
    }
  }
  return null;
}

/** The database there and its companion files; [] where it is gone. */
function filesOf(reachedAt: string, path: string, mounts: readonly Mount[]): DatabaseFile[] {
  const files: DatabaseFile[] = [];
  for (const { role, suffix } of [{ role: "database", suffix: "" } as const, ...COMPANIONS]) {
    const found = identify(reachedAt + suffix);
    if (found.kind === "ok" && found.value.stats.isFile())
      files.push(toDatabaseFile(role, path + suffix, mounted(found.value, mounts), mounts));
    else if (role === "database") return [];
  }
  return files;
}

/** A mount of another namespace has no line in ours: its device is then that of stat(2). */
function mounted(file: IdentifiedFile, mounts: readonly Mount[]): IdentifiedFile {
  return mounts.some(({ id }) => id === file.mountId) ? file : { ...file, mountId: null };
}

/**
 * Whether an overlay takes a file from that layer: it shows its size and its times to the nanosecond. No program can
 * set the time of the last change (st_ctime).
 */
function isSameContent(one: string, other: string): boolean {
  let before = statOf(one);
  for (let i = 0; i < MAX_COMPARISONS; i++) {
    const there = statOf(other);
    const after = statOf(one);
    if (there === null || after === null || before === null) return false;
    if (stampOf(before) === stampOf(there) || stampOf(there) === stampOf(after)) return true;
    if (stampOf(before) === stampOf(after)) return false;
    before = after;
  }
  return false;
}

function stampOf({ size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs}`;
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

function statOf(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    failure(error);
    return null;
  }
}
