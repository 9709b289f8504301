/** Sizes as people write them for an option. */
import { UserError } from "../errors.ts";

const UNITS: Record<string, number | undefined> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

const MIN_BYTES = 1e6;
const MAX_BYTES = 1e12;

/** `200MB`, `1.5GB`, `64MiB`. Bytes, 1 MB to 1000 GB. @throws UserError */
export function parseSize(option: string, text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) ?([kmg]i?b)?$/i.exec(text.trim()) ?? [];
  if (/^\d+(?:\.\d+)?$/.test(text.trim()))
    throw new UserError("usage", `${option} ${text.trim()} has no unit`, `write it as ${text.trim()}MB, or with GB`);
  const bytes = Math.floor(Number(number) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (!(bytes >= MIN_BYTES && bytes <= MAX_BYTES))
    throw new UserError(
      "usage",
      `${option} ${JSON.stringify(text)} is not a size`,
      "write it as 50MB or 2GB (1MB to 1000GB)",
    );
  return bytes;
}
