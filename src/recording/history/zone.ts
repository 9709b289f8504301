/** A time zone: which offset it has when, and which moments a time of its clocks was. Pure. */

/** A time as clocks show it. `month` from 1 on. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Since 00:00, as the clock counts. */
  readonly dayMs: number;
}

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** No zone is further from UTC. */
const FURTHEST_MS = 16 * HOUR_MS;
/** No two changes of a zone are closer. */
const STEP_MS = 4 * HOUR_MS;

/** Nothing else is known of a zone: `+02:00`. */
const OFFSET = /^([+-])(\d{2}):(\d{2})$/;

export class Zone {
  readonly name: string;
  /** It is an offset and nothing more: whether it changes is not known. */
  readonly isOffset: boolean;
  readonly #fixedMs: number;
  readonly #format: Intl.DateTimeFormat | null;

  /** An unknown name is that of no zone of this system: then it is UTC. */
  constructor(name: string) {
    const fixedMs = offsetOf(name);
    this.isOffset = fixedMs !== null;
    this.#fixedMs = fixedMs ?? 0;
    this.name = this.isOffset || isZone(name) ? name : "UTC";
    // not every Node.js and browser has offsets as zones
    this.#format = this.isOffset
      ? null
      : new Intl.DateTimeFormat("en-US", {
          ...{ timeZone: this.name, calendar: "iso8601", numberingSystem: "latn", hourCycle: "h23" },
          ...{
            year: "numeric",
            month: "2-digit",
            day: "2-digit",
            hour: "2-digit",
            minute: "2-digit",
            second: "2-digit",
          },
        });
  }

  /** What the clocks are ahead of UTC at a moment, ms. */
  offsetMs(utcMs: number): number {
    return this.#format === null ? this.#fixedMs : asUtc(this.local(utcMs)) - utcMs;
  }

  local(utcMs: number): LocalTime {
    if (this.#format === null) return asLocal(utcMs + this.#fixedMs);
    const whole = Math.floor(utcMs / 1_000) * 1_000;
    const parts = new Map(this.#format.formatToParts(whole).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const dayMs = ((part("hour") * 60 + part("minute")) * 60 + part("second")) * 1_000 + (utcMs - whole);
    return { year: part("year"), month: part("month"), day: part("day"), dayMs };
  }

  /** When clocks showed this: two moments where they were set back, none where they were set forward over it. */
  moments(local: LocalTime): number[] {
    const wanted = asUtc(local);
    const offsets = new Set<number>();
    for (let ms = -FURTHEST_MS; ms <= FURTHEST_MS; ms += STEP_MS) offsets.add(this.offsetMs(wanted + ms));
    return [...offsets]
      .map((offset) => wanted - offset)
      .filter((utcMs) => this.offsetMs(utcMs) === wanted - utcMs)
      .sort((a, b) => a - b);
  }
}

/** ms since 1970, if the clock that shows it were one of UTC. */
export function asUtc({ year, month, day, dayMs }: LocalTime): number {
  return Date.UTC(year, month - 1, day) + dayMs;
}

/** The reverse. */
function asLocal(localMs: number): LocalTime {
  const date = new Date(localMs);
  const dayMs = localMs - Math.floor(localMs / DAY_MS) * DAY_MS;
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), dayMs };
}

/** `+02:00`; of ancient times with seconds, these are left out. */
export function offsetText(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  return `${offsetMs < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** ms; null: it is no offset. */
function offsetOf(name: string): number | null {
  const [, sign, hours, minutes] = OFFSET.exec(name) ?? [];
  if (sign === undefined || Number(hours) * HOUR_MS > FURTHEST_MS || Number(minutes) > 59) return null;
  return (sign === "-" ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * 60_000);
}

/**
 * The zone of a recording; where its name is missing, or is that of no zone of this system, the offset that its clocks
 * had at its start. `startedAt`: ISO 8601.
 */
export function zoneOrOffset(name: string | undefined, startedAt: string): string {
  if (name !== undefined && (offsetOf(name) !== null || isZone(name))) return name;
  const offset = /[+-]\d{2}:\d{2}$/.exec(startedAt)?.[0] ?? "+00:00";
  return offsetOf(offset) === null ? "+00:00" : offset;
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
