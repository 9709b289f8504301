/** Times as people write them for an option. */
import { UserError } from "../errors.ts";

const DAY_MS = 86_400_000;
const UNIT_MS: Record<string, number | undefined> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

interface Limits {
  readonly zero?: boolean;
  /** The longest time that the option takes, in days; more than one may be written as `7d`. */
  readonly days?: number;
}

/**
 * `30s`, `500ms`, `1.5m`, `1h`; a bare number means seconds. Milliseconds, at most `days`, and more than 0 unless
 * `zero`. @throws UserError
 */
export function parseDuration(option: string, text: string, { zero = false, days = 1 }: Limits = {}): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  const unit = match?.[2] ?? "s";
  const unitMs = unit === "d" && days > 1 ? DAY_MS : UNIT_MS[unit];
  const ms = Number(match?.[1]) * (unitMs ?? Number.NaN);
  if (!((ms > 0 || (zero && ms === 0)) && ms <= days * DAY_MS)) {
    const least = zero ? "" : "more than 0, ";
    throw new UserError(
      "usage",
      `${option} ${JSON.stringify(text)} is not a time`,
      `write it as 500ms, 30s, 5m or 1h (${least}${days === 1 ? "at most 24h" : `at most ${days} days, such as 7d`})`,
    );
  }
  return ms;
}
