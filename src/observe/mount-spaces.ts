/** The overlays of every mount namespace that may be inspected, within bounds that no user can move. */
import { closeSync, openSync, readSync } from "node:fs";
import { type MountIndex, mountIndex, mountsOnTheWay, OVERLAY_LINE, overlaysIn } from "../proc/mount-index.ts";
import { type Mount, readMountinfo } from "../proc/mountinfo.ts";
import { type OverlayLayers, overlayLayersOf } from "../proc/overlay.ts";
import { failure, linkOf, readNames, readTextStart, valueOr } from "../proc/read.ts";
import { SafeWalk } from "./safe-walk.ts";

export interface Overlay {
  readonly space: MountSpace;
  readonly mount: Mount;
  readonly layers: OverlayLayers;
}

/** A mount namespace. */
export interface MountSpace {
  /** A process in it; null: this one. */
  readonly pid: number | null;
  /** What leads into it from here, before an absolute path: "" or `/proc/PID/root`. */
  readonly root: string;
  /** An unprivileged user made it, and may have mounted there what never answers; asked for by root. */
  readonly foreign: boolean;
  /** The mounts on the way to the layers of its overlays. */
  readonly layerMounts: MountIndex;
  /** Reads all its mounts, the first time. */
  readonly walk: () => SafeWalk;
}

export interface Overlays {
  readonly own: MountSpace;
  readonly overlays: readonly Overlay[];
  /** There are more mounts, namespaces or layers than are read. */
  readonly cut: boolean;
  readonly close: () => void;
}

export interface Bounds {
  readonly namespaces: number;
  /** Of the mountinfo of one namespace; more of it is not read. */
  readonly bytesEach: number;
  readonly bytes: number;
  readonly layers: number;
}

/** A thousand containers have some 5 KiB each. */
const BOUNDS: Bounds = { namespaces: 2048, bytesEach: 2 ** 20, bytes: 2 ** 24, layers: 20_000 };

/** `mounts`: of this process. `thorough`: also namespaces whose mounts alone may be read. */
export function readOverlays(
  proc: string,
  mounts: readonly Mount[],
  thorough: boolean,
  bounds: Bounds = BOUNDS,
): Overlays {
  const walks: SafeWalk[] = [];
  const index = mountIndex(mounts);
  const own = toSpace(null, false, index, walks, () => index);
  const overlays = withLayers(own, mounts);
  const namespaces = otherNamespaces(proc, thorough);
  let cut = namespaces.length > bounds.namespaces;
  let bytes = bounds.bytes;
  let layers = countLayers(overlays);
  for (const { pids, foreign } of namespaces.slice(0, bounds.namespaces)) {
    if (bytes <= 0 || layers > bounds.layers) {
      cut = true;
      break;
    }
    const reading = readOverlayText(proc, pids, Math.min(bytes, bounds.bytesEach));
    if (reading === null) continue;
    const { pid } = reading;
    bytes -= reading.bytes;
    cut ||= reading.cut;
    if (reading.text === null) continue;
    const found = overlaysIn(reading.text);
    const layerMounts = mountIndex(mountsOnTheWay(reading.text, found.flatMap(layersOf)));
    const all = () => mountIndex(valueOr(readMountinfo(`${proc}/${pid}`), []));
    const added = withLayers(toSpace(pid, foreign, layerMounts, walks, all), found);
    layers += countLayers(added);
    for (const overlay of added) overlays.push(overlay);
  }
  return { own, overlays, cut, close: () => walks.forEach((walk) => void walk.close()) };
}

function toSpace(
  pid: number | null,
  foreign: boolean,
  layerMounts: MountIndex,
  walks: SafeWalk[],
  readAll: () => MountIndex,
): MountSpace {
  const root = pid === null ? "" : `/proc/${pid}/root`;
  let known: SafeWalk | null = null;
  const walk = () => {
    if (known === null) {
      known = new SafeWalk({ root, index: readAll(), foreign });
      walks.push(known);
    }
    return known;
  };
  return { pid, root, foreign, layerMounts, walk };
}

function withLayers(space: MountSpace, mounts: readonly Mount[]): Overlay[] {
  return mounts.flatMap((mount) => {
    const layers = overlayLayersOf(mount);
    return layers === null ? [] : [{ space, mount, layers }];
  });
}

/** The absolute ones. */
function layersOf(mount: Mount): string[] {
  const layers = overlayLayersOf(mount);
  return layers === null ? [] : foldersOf(layers).filter((folder) => folder.startsWith("/"));
}

/** The topmost first. */
export function foldersOf({ upper, lower }: OverlayLayers): string[] {
  return [...(upper === null ? [] : [upper]), ...lower];
}

function countLayers(overlays: readonly Overlay[]): number {
  return overlays.reduce((sum, { layers }) => sum + layers.lower.length + 1, 0);
}

/** Enough for the first line of mountinfo, whose mount no other namespace has. */
const FIRST_LINE_BYTES = 64;

/** As many processes of one namespace are asked in turn: they may exit. */
const MAX_ASKED = 8;

interface Namespace {
  readonly pids: number[];
  readonly foreign: boolean;
}

/** By processes of each; those that unprivileged users made come last, and take nothing from the others' bounds. */
function otherNamespaces(proc: string, thorough: boolean): Namespace[] {
  const own = linkOf(`${proc}/self/ns/mnt`);
  const found = new Map<string, Namespace>();
  for (const name of valueOr(readNames(proc), [])) {
    if (name < "0" || name >= ":") continue;
    const link = linkOf(`${proc}/${name}/ns/mnt`);
    const namespace =
      link === "" && thorough ? valueOr(readTextStart(`${proc}/${name}/mountinfo`, FIRST_LINE_BYTES), "") : link;
    if (namespace === "" || namespace === own) continue;
    const known = found.get(namespace);
    if (known === undefined) found.set(namespace, { pids: [Number(name)], foreign: isForeign(proc, name) });
    else if (known.pids.length < MAX_ASKED) known.pids.push(Number(name));
  }
  const all = [...found.values()];
  return [...all.filter(({ foreign }) => !foreign), ...all.filter(({ foreign }) => foreign)];
}

/**
 * Whether an unprivileged user may have made the mounts that a process sees: it is in another user namespace. Who is
 * not root can inspect none but their own.
 */
export function isForeign(proc: string, pid: string): boolean {
  const [own, its] = [linkOf(`${proc}/self/ns/user`), linkOf(`${proc}/${pid}/ns/user`)];
  return its === "" || (its !== own && process.geteuid?.() === 0);
}

/** For all namespaces, one after the other. */
let buffer: Buffer | null = null;

interface OverlayText {
  readonly pid: number;
  /** Null: there is no overlay in it. */
  readonly text: string | null;
  readonly bytes: number;
  readonly cut: boolean;
}

/** Of the first of these processes that has mounts; null: none has, or may be asked. */
function readOverlayText(proc: string, pids: readonly number[], maxBytes: number): OverlayText | null {
  if (buffer === null || buffer.length < maxBytes) buffer = Buffer.allocUnsafe(maxBytes);
  for (const pid of pids) {
    const filled = readInto(`${proc}/${pid}/mountinfo`, buffer.subarray(0, maxBytes));
    if (filled === 0) continue;
    const bytes = buffer.subarray(0, filled);
    const text = bytes.includes(OVERLAY_LINE) ? bytes.toString("utf8") : null;
    return { pid, text, bytes: filled, cut: filled === maxBytes };
  }
  return null;
}

/** How many bytes were read. */
function readInto(path: string, bytes: Buffer): number {
  let fd: number | null = null;
  let filled = 0;
  try {
    fd = openSync(path, "r");
    for (let got = -1; got !== 0 && filled < bytes.length; filled += got)
      got = readSync(fd, bytes, filled, bytes.length - filled, null);
  } catch (error) {
    failure(error);
  } finally {
    if (fd !== null) closeSync(fd);
  }
  return filled;
}
