/**
 * Tracks: slices on one of them must be nested or apart, and locks of one process overlap. So each kind has as many
 * tracks as it needs. Pure.
 */
import type { Metadata } from "./event.ts";

interface Track {
  readonly tid: number;
  /** ns. */
  endNs: number;
  /** Of the last slice. */
  owner: number;
}

/** Of one process in the trace. */
interface Tracks {
  readonly byName: Map<string, Track[]>;
  next: number;
}

/** Beyond these, a slice that overlaps with all is left out. */
const MOST_OF_KIND = 500;

export class TrackTable {
  readonly #byPid = new Map<number, Tracks>();
  readonly #emit: (event: Metadata) => void;

  constructor(emit: (event: Metadata) => void) {
    this.#emit = emit;
  }

  /**
   * The track of a slice. Only what begins after the end of all others on a track gets on it. `owner`: who has the last
   * slice of a track is likely to get on it again. `order`: of the kinds of one process. Null: there are too many.
   */
  place(pid: number, name: string, order: number, fromNs: number, toNs: number, owner: number): number | null {
    const tracks = this.#tracksOf(pid, name);
    let found: Track | null = null;
    for (const track of tracks) {
      if (track.endNs > fromNs) continue;
      if (found === null || (track.owner === owner && found.owner !== owner)) found = track;
      else if (track.endNs > found.endNs && (track.owner === owner || found.owner !== owner)) found = track;
    }
    found ??= this.#add(pid, name, order, tracks);
    if (found === null) return null;
    found.endNs = toNs;
    found.owner = owner;
    return found.tid;
  }

  /** The first track of a kind, for moments. */
  first(pid: number, name: string, order: number): number {
    const tracks = this.#tracksOf(pid, name);
    return (tracks[0] ?? this.#add(pid, name, order, tracks))?.tid ?? 0;
  }

  #tracksOf(pid: number, name: string): Track[] {
    let ofPid = this.#byPid.get(pid);
    if (ofPid === undefined) {
      ofPid = { byName: new Map(), next: 1 };
      this.#byPid.set(pid, ofPid);
    }
    let tracks = ofPid.byName.get(name);
    if (tracks === undefined) {
      tracks = [];
      ofPid.byName.set(name, tracks);
    }
    return tracks;
  }

  #add(pid: number, name: string, order: number, tracks: Track[]): Track | null {
    const ofPid = this.#byPid.get(pid);
    if (ofPid === undefined || tracks.length >= MOST_OF_KIND) return null;
    const track = { tid: ofPid.next++, endNs: Number.NEGATIVE_INFINITY, owner: -1 };
    tracks.push(track);
    const text = tracks.length === 1 ? name : `${name} (${tracks.length})`;
    const on = { ph: "M", pid, tid: track.tid } as const;
    this.#emit({ ...on, name: "thread_name", args: { name: text } });
    this.#emit({ ...on, name: "thread_sort_index", args: { sort_index: order * MOST_OF_KIND + tracks.length } });
    return track;
  }
}
