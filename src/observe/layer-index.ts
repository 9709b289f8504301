/** Where the layers of overlays lie: by file system and path inside, whichever name a mount namespace has for it. */
import { join } from "node:path";
import { placeOf } from "../proc/mount-index.ts";
import { foldersOf, type MountSpace, type Overlay } from "./mount-spaces.ts";

export interface LayerIndex {
  /** Of layers whose names have links (Docker's), their real paths, as this process sees them. */
  readonly real: ReadonlyMap<string, string>;
  /** The overlays by the places of their layers. */
  readonly byPlace: ReadonlyMap<string, readonly Overlay[]>;
  /** Where the place of a layer is not known. */
  readonly relative: readonly Overlay[];
  /** Not all links were followed. */
  readonly cut: boolean;
}

/** Names that are looked up for all layers: some 20 µs each. */
const MAX_LOOK_UPS = 20_000;

export function indexLayers(own: MountSpace, overlays: readonly Overlay[]): LayerIndex {
  const real = new Map<string, string>();
  const byPlace = new Map<string, Overlay[]>();
  const relative: Overlay[] = [];
  const walk = own.walk();
  let cut = false;
  for (const overlay of overlays) {
    const dirs = foldersOf(overlay.layers);
    if (dirs.some((dir) => !dir.startsWith("/"))) relative.push(overlay);
    for (const dir of dirs.filter((each) => each.startsWith("/"))) {
      const within = walk.lookUps < MAX_LOOK_UPS;
      if (!real.has(dir) && within) {
        const seen = walk.lookUp(dir, { follow: true });
        real.set(dir, seen.kind === "ok" ? seen.path : dir);
      }
      cut ||= !within;
      for (const place of placesOf(dir, overlay.space, own, real)) {
        const there = byPlace.get(place);
        if (there === undefined) byPlace.set(place, [overlay]);
        else if (there.at(-1) !== overlay) there.push(overlay);
      }
    }
  }
  return { real, byPlace, relative, cut };
}

/** By its text, here and in its namespace, and with the links followed. */
export function placesOf(dir: string, space: MountSpace, own: MountSpace, real: LayerIndex["real"]): string[] {
  const path = withoutSlash(dir);
  const places = [
    placeOf(own.layerMounts, path),
    placeOf(space.layerMounts, path),
    placeOf(own.layerMounts, real.get(dir) ?? path),
  ];
  return places.filter((place) => place !== null);
}

export function withoutSlash(path: string): string {
  return join(path, ".").replace(/(?<=.)\/$/, "");
}
