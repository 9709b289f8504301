/**
 * Whether two starts may be of the same process: the start is read a moment after the first lock, and is null until
 * then. Pure.
 */
export function isSameStart(a: string | null, b: string | null): boolean {
  return a === b || a === null || b === null;
}
