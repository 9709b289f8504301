/** Times of a recording as its clocks showed them, with their zone. Pure. */
import type { WallClock } from "../../recording/history/history.ts";
import { asUtc, type LocalTime, offsetText, Zone } from "../../recording/history/zone.ts";

/** Within so much of each other, times of whole seconds would hide what was first, ms. */
const FINE_MS = 10_000;

export class Clock {
  readonly zone: Zone;
  readonly #clock: WallClock;
  readonly #names: readonly Intl.DateTimeFormat[];

  constructor(clock: WallClock) {
    this.#clock = clock;
    this.zone = new Zone(clock.zone);
    // English has names for the zones of few countries; which ones depends on whose English it is
    const locales = this.zone.isOffset ? [] : ["en-US", "en-GB", "en-AU"];
    this.#names = locales.map(
      (locale) => new Intl.DateTimeFormat(locale, { timeZone: this.zone.name, timeZoneName: "short" }),
    );
  }

  /** `2026-07-01 03:12:00 CEST` */
  moment(atMs: number): string {
    return this.ofUtc(this.#clock.toUtcMs(atMs));
  }

  /** The same, with its fraction where it is not a whole second: `03:12:00.500`. */
  exact(atMs: number): string {
    const utcMs = Math.round(this.#clock.toUtcMs(atMs));
    const local = this.zone.local(utcMs);
    return `${dayText(local)} ${timeText(local, utcMs % 1_000 === 0 ? 0 : 3)} ${this.#name(utcMs)}`;
  }

  /** The same, of a moment in ms since 1970. */
  ofUtc(utcMs: number): string {
    const local = this.zone.local(utcMs);
    return `${dayText(local)} ${timeText(local)} ${this.#name(utcMs)}`;
  }

  /** `03:12:07.214`; `digits`: of the fraction. */
  time(atMs: number, digits: 0 | 3 = 3): string {
    return timeText(this.zone.local(this.#clock.toUtcMs(atMs)), digits);
  }

  /** `03:11:20`, with the day where it is another one than that of `near`, and with ms where it is near indeed. */
  near(atMs: number, nearMs: number): string {
    const [local, other] = [this.#local(atMs), this.#local(nearMs)];
    const day = dayText(local);
    const text = timeText(local, Math.abs(atMs - nearMs) < FINE_MS ? 3 : 0);
    return day === dayText(other) ? text : `${day} ${text}`;
  }

  /** `07-01 03:11:20` */
  dayAndTime(atMs: number): string {
    const local = this.#local(atMs);
    return `${dayText(local).slice(5)} ${timeText(local)}`;
  }

  /** `2026-07-01 03:00:00 to 03:30:00 CEST` */
  range(fromMs: number, toMs: number): string {
    const [from, to] = [this.#local(fromMs), this.#local(toMs)];
    const [one, other] = [fromMs, toMs].map((atMs) => this.#name(this.#clock.toUtcMs(atMs)));
    const digits = toMs - fromMs < FINE_MS ? 3 : 0;
    const first = `${dayText(from)} ${timeText(from, digits)}${one === other ? "" : ` ${one}`}`;
    return `${first} to ${dayText(from) === dayText(to) ? "" : `${dayText(to)} `}${timeText(to, digits)} ${other}`;
  }

  /** ISO 8601 with the offset of the zone. */
  iso(atMs: number): string {
    return isoText(this.zone, this.#clock.toUtcMs(atMs));
  }

  #local(atMs: number): LocalTime {
    return this.zone.local(this.#clock.toUtcMs(atMs));
  }

  /** `CEST`; `+05:45` where the zone has no short name in English. */
  #name(utcMs: number): string {
    for (const format of this.#names) {
      const name = format.formatToParts(utcMs).find(({ type }) => type === "timeZoneName")?.value ?? "";
      if (/^[A-Z]{2,5}$/.test(name) && name !== "GMT") return name;
    }
    const offset = this.zone.offsetMs(utcMs);
    return offset === 0 ? "UTC" : offsetText(offset);
  }
}

/** `2026-07-01T03:12:00.000+02:00` */
export function isoText(zone: Zone, utcMs: number): string {
  const local = zone.local(utcMs);
  return `${new Date(asUtc(local)).toISOString().slice(0, -1)}${offsetText(zone.offsetMs(utcMs))}`;
}

/** `2026-07-01` */
export function dayText({ year, month, day }: LocalTime): string {
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

/** Cut off, not rounded: a clock that shows 03:12:59.9 shows 03:12:59. */
export function timeText({ dayMs }: LocalTime, digits: 0 | 3 = 0): string {
  const ms = Math.floor(dayMs);
  const seconds = Math.floor(ms / 1_000);
  const text = `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return digits === 0 ? text : `${text}.${String(ms % 1_000).padStart(3, "0")}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
