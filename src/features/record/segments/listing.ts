/** What sqlock's recorders have in a folder: segments, and hidden files that tell who writes or compresses them. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { isGone, makerOf, world } from "../maker.ts";
import { type SegmentName, segmentOf } from "./names.ts";

/** `here`: it runs. `elsewhere`: of another start of the machine, another machine, a container: whether is unknown. */
export type Maker = { readonly kind: "here" | "gone"; readonly pid: number } | { readonly kind: "elsewhere" };

interface OnDisk {
  readonly name: string;
  readonly bytes: number;
  /** When it was last written to, ms since 1970. */
  readonly writtenMs: number;
}

export interface SegmentFile extends OnDisk {
  readonly segment: SegmentName;
}

export interface HiddenFile extends OnDisk {
  /** Of a marker: the run of the recorder that writes; null: what it was compressing. */
  readonly run: string | null;
  readonly maker: Maker;
}

export interface Listing {
  readonly segments: readonly SegmentFile[];
  readonly hidden: readonly HiddenFile[];
}

const MARKER = /^\.sqlock-(\d{8}T\d{9}Z)\.([0-9a-f-]+)\.tmp$/;
const COMPRESSING = /^\.sqlock-\d{8}T\d{9}Z-\d{4,9}\.jsonl\.gz\.[0-9a-f]{16}\.([0-9a-f-]+)\.tmp$/;

/** `tag`: of the recorder. */
export function markerName(run: string, tag: string): string {
  return `.sqlock-${run}.${tag}.tmp`;
}

/** Regular files of this user; everything else in the folder is none of ours. @throws an error of the system */
export function readListing(folder: string, uid: number): Listing {
  const here = world();
  const segments: SegmentFile[] = [];
  const hidden: HiddenFile[] = [];
  for (const name of readdirSync(folder)) {
    const segment = segmentOf(name);
    const [, run, tag] = MARKER.exec(name) ?? [undefined, null, COMPRESSING.exec(name)?.[1]];
    if (segment === null && tag === undefined) continue;
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (stats === undefined || !stats.isFile() || stats.uid !== uid) continue;
    const file = { name, bytes: stats.size, writtenMs: stats.mtimeMs };
    if (segment !== null) segments.push({ ...file, segment });
    else if (tag !== undefined) hidden.push({ ...file, run: run ?? null, maker: makerBy(tag, here) });
  }
  return { segments, hidden };
}

function makerBy(tag: string, here: string): Maker {
  const owner = makerOf(tag, here);
  if (owner === null) return { kind: "elsewhere" };
  return { kind: isGone(owner) ? "gone" : "here", pid: owner.pid };
}
