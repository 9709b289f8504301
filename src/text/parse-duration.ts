/** Times as people write them for an option. */
import { UserError } from "../errors.ts";

const UNIT_MS: Record<string, number | undefined> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The longest time that an option takes: a day. */
const MAX_MS = 86_400_000;

/**
 * `30s`, `500ms`, `1.5m`, `1h`; a bare number means seconds. Milliseconds, at most a day, and more than 0 unless
 * `zero`. @throws UserError
 */
export function parseDuration(option: string, text: string, { zero = false } = {}): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const ms = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? "s"] ?? Number.NaN);
  if (!((ms > 0 || (zero && ms === 0)) && ms <= MAX_MS)) {
    const least = zero ? "" : "more than 0, ";
    throw new UserError(
      "usage",
      `${option} ${JSON.stringify(text)} is not a time`,
      `write it as 500ms, 30s, 5m or 1h (${least}at most 24h)`,
    );
  }
  return ms;
}
