/** Which event and which lane are selected, and which comes next. */
import { eventsOf } from "./hit.ts";
import type { EventRef, Model } from "./model.ts";
import { placeOf } from "./place.ts";
import type { Track } from "./tracks.ts";
import type { View } from "./view.ts";

export class Selection {
  event: EventRef | null = null;
  /** Index of the tracks; null: none. */
  track: number | null = null;
  readonly #model: Model;
  #tracks: readonly Track[] = [];
  /** Of `longestWaits`; -1: none yet. */
  #waitAt = -1;
  #events = new Map<Track, readonly EventRef[]>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** Folded or unfolded: the selection stays with its process or event. */
  setTracks(tracks: readonly Track[]): void {
    const before = this.#tracks[this.track ?? -1];
    this.#tracks = tracks;
    this.#events = new Map();
    if (this.event !== null) this.track = placeOf(tracks, this.#model, this.event)?.track ?? null;
    else if (before !== undefined) this.track = tracks.findIndex(({ process }) => process === before.process);
  }

  select(ref: EventRef): void {
    this.event = ref;
    this.track = placeOf(this.#tracks, this.#model, ref)?.track ?? null;
    if (ref.kind === "wait") this.#waitAt = this.#model.longestWaits.indexOf(ref.id);
  }

  /** To a wait that is so many places shorter; null: there is none. */
  waitAfter(by: number): EventRef | null {
    const { longestWaits } = this.#model;
    this.#waitAt = Math.min(Math.max(0, this.#waitAt + by), longestWaits.length - 1);
    const id = longestWaits[this.#waitAt];
    return id === undefined ? null : { kind: "wait", id };
  }

  /** Null: the lane has no events. */
  eventAfter(by: 1 | -1, view: View): EventRef | null {
    this.track ??= this.#tracks.findIndex(({ lanes }) => lanes.length > 0);
    const track = this.#tracks[this.track];
    const events = track === undefined ? [] : this.eventsOf(track);
    const { event } = this;
    const now = event === null ? -1 : events.findIndex(({ kind, id }) => kind === event.kind && id === event.id);
    const next = now === -1 ? this.#firstInView(events, by, view) : now + by;
    return events[Math.min(Math.max(0, next), events.length - 1)] ?? null;
  }

  /** Null: there is none. */
  trackAfter(by: 1 | -1): Track | null {
    const last = this.#tracks.length - 1;
    this.track = this.track === null ? 0 : Math.min(Math.max(0, this.track + by), last);
    const track = this.#tracks[this.track];
    if (track !== undefined) this.event = null;
    return track ?? null;
  }

  /** In the order of time. */
  eventsOf(track: Track): readonly EventRef[] {
    const known = this.#events.get(track);
    if (known !== undefined) return known;
    const events = eventsOf(track, this.#model);
    this.#events.set(track, events);
    return events;
  }

  #firstInView(events: readonly EventRef[], by: 1 | -1, { fromUs, toUs }: View): number {
    const isInside = (ref: EventRef) => this.#model.fromUs(ref) >= fromUs && this.#model.fromUs(ref) <= toUs;
    return Math.max(0, by > 0 ? events.findIndex(isInside) : events.findLastIndex(isInside));
  }
}
