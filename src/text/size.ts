/** Sizes in sentences and tables. Pure. */

/** `900 B`, `48 KiB`, `1.5 GiB`; cut off, never rounded up. */
export function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const text =
    value >= 10 || Number.isInteger(value) ? String(Math.floor(value)) : (Math.floor(value * 10) / 10).toFixed(1);
  return `${text} ${units[unit]}`;
}
