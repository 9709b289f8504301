/** A moment as people write it: `03:12`, `yesterday 03:12`, `2026-07-01 03:12:30.5`, `2h ago`. Pure. */

export type Moment =
  | {
      readonly kind: "clock";
      /** `today`, `yesterday`: of who asks. Null: the latest day that fits. */
      readonly day:
        | { readonly year: number; readonly month: number; readonly day: number }
        | "today"
        | "yesterday"
        | null;
      /** Since 00:00. */
      readonly dayMs: number;
      /** What the clock is ahead of UTC, ms; null: that of the zone. */
      readonly offsetMs: number | null;
    }
  | { readonly kind: "ago"; readonly ms: number };

const DAY = String.raw`(today|yesterday|(\d{4})-(\d\d)-(\d\d))(?:[ T]+|$)`;
const CLOCK = String.raw`(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?`;
const OFFSET = String.raw` ?(Z|UTC|[+-]\d\d(?::?\d\d)?)`;
const MOMENT = new RegExp(`^(?:${DAY})?(?:${CLOCK})?(?:${OFFSET})?$`, "i");
const AGO = /^(\d+(?:\.\d+)?) ?(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?) ago$/i;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MINUTE_MS = 60_000;

/** Null: it is none. */
export function parseMoment(given: string): Moment | null {
  const text = given.trim();
  const [, number, unit = ""] = AGO.exec(text) ?? [];
  if (number !== undefined) return { kind: "ago", ms: Number(number) * (UNIT_MS[unit.charAt(0).toLowerCase()] ?? 0) };
  const match = MOMENT.exec(text);
  if (match === null || text === "") return null;
  const [, word, year, month, date, hour, minute, second = "0", fraction = "", offset] = match;
  if (hour === undefined && (word === undefined || offset !== undefined)) return null;
  const day =
    word === undefined
      ? null
      : year === undefined
        ? word.toLowerCase() === "today"
          ? "today"
          : "yesterday"
        : { year: Number(year), month: Number(month), day: Number(date) };
  if (day !== null && typeof day === "object" && !exists(day)) return null;
  const [h, m, s] = [Number(hour ?? 0), Number(minute ?? 0), Number(second)];
  if (h > 23 || m > 59 || s > 59) return null;
  const offsetMs = offset === undefined ? null : offsetOf(offset);
  if (Number.isNaN(offsetMs)) return null;
  return { kind: "clock", day, dayMs: ((h * 60 + m) * 60 + s) * 1_000 + Number(`0.${fraction}0`) * 1_000, offsetMs };
}

function exists({ year, month, day }: { year: number; month: number; day: number }): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** NaN: there is no such zone. */
function offsetOf(text: string): number {
  if (/^(?:Z|UTC)$/i.test(text)) return 0;
  const [, sign, hours, minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  if (Number(hours) > 15 || Number(minutes) > 59) return Number.NaN;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}
