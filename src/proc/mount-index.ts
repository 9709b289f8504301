/** Which mount a path lies on, and where in its file system, by text alone: nothing is asked that may hang. Pure. */
import { dirname, join, relative } from "node:path";
import { type Mount, parseMountinfo, unescapeOctal } from "./mountinfo.ts";

/** The mounts of a namespace by their mount points; a later mount covers an earlier one there. */
export type MountIndex = ReadonlyMap<string, Mount>;

export function mountIndex(mounts: readonly Mount[]): MountIndex {
  return new Map(mounts.map((mount) => [mount.mountPoint, mount]));
}

/** The innermost mount of an absolute path without links; as mountOfPath(), without a pass over all mounts. */
export function innermost(index: MountIndex, path: string): Mount | null {
  for (let here = path; ; here = dirname(here)) {
    const mount = index.get(here);
    if (mount !== undefined) return mount;
    if (here === dirname(here)) return null;
  }
}

/**
 * Which folder of which file system a path without links is: the same text in every mount namespace, and for each of
 * its bind mounts. Null where no mount is known.
 */
export function placeOf(index: MountIndex, path: string): string | null {
  const mount = innermost(index, path);
  return mount === null ? null : `${mount.device} ${join(mount.root, relative(mount.mountPoint, path))}`;
}

/** The folders above a file by their places, the innermost first. */
export function placesAbove(index: MountIndex, path: string): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const place = placeOf(index, folder);
    if (place !== null && !folders.has(place)) folders.set(place, folder);
    if (folder === dirname(folder)) return folders;
  }
}

export const OVERLAY_LINE = " - overlay ";

/** The overlays in the text of a mountinfo, which may be cut off. The other lines are not parsed. */
export function overlaysIn(text: string): Mount[] {
  return parseLines(text, (line) => line.includes(OVERLAY_LINE)).filter(({ type }) => type === "overlay");
}

/** The mounts that a path without links may lie on. */
export function mountsOnTheWay(text: string, paths: readonly string[]): Mount[] {
  const points = new Set<string>();
  for (const path of paths) for (let here = path; !points.has(here); here = dirname(here)) points.add(here);
  return parseLines(text, (line) => points.has(unescapeOctal(line.split(" ", 5)[4] ?? "")));
}

function parseLines(text: string, isWanted: (line: string) => boolean): Mount[] {
  return parseMountinfo(text.split("\n").filter(isWanted).join("\n")).mounts;
}
