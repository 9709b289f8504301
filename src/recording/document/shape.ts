/**
 * Checks of values that come from a file: each returns the value as it may be used, or `BAD`. Fields that are not known
 * are left out, however deep they are. Pure.
 */
export const BAD = Symbol("bad");

export type Check<T> = (value: unknown) => T | typeof BAD;

/** Milliseconds; no recording has more than 2^53 of them. */
export const time: Check<number> = (value) =>
  typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : BAD;

export const duration: Check<number> = (value) => (typeof value === "number" && value >= 0 ? time(value) : BAD);

export const whole: Check<number> = (value) => (Number.isSafeInteger(value) ? (value as number) : BAD);

export const count: Check<number> = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? whole(value) : BAD;

/** Also of threads. Linux has none beyond 2^22. */
export const pid: Check<number> = (value) => ((value as number) <= 0x7fffffff ? count(value) : BAD);

export const text: Check<string> = (value) => (typeof value === "string" ? value : BAD);

export const yes: Check<boolean> = (value) => (typeof value === "boolean" ? value : BAD);

export function oneOf<T extends string>(...words: readonly T[]): Check<T> {
  const known: ReadonlySet<unknown> = new Set(words);
  return (value) => (known.has(value) ? (value as T) : BAD);
}

export function orNull<T>(check: Check<T>): Check<T | null> {
  return (value) => (value === null ? null : check(value));
}

export function list<T>(check: Check<T>): Check<T[]> {
  return (value) => {
    if (!Array.isArray(value)) return BAD;
    let isWhole = true;
    for (const each of value) {
      const checked = check(each);
      if (checked === BAD) return BAD;
      if (checked !== each) isWhole = false;
    }
    return isWhole ? value : value.map((each) => check(each) as T);
  };
}

/** An object whose keys are some of `names`; others are left out. */
export function byKey<T>(names: readonly string[], check: Check<T>): Check<Record<string, T>> {
  const known: ReadonlySet<string> = new Set(names);
  return (value) => {
    if (!isObject(value)) return BAD;
    let isWhole = true;
    const keys = Object.keys(value);
    for (const key of keys) {
      if (!known.has(key)) isWhole = false;
      else {
        const each = check(value[key]);
        if (each === BAD) return BAD;
        if (each !== value[key]) isWhole = false;
      }
    }
    if (isWhole) return value as Record<string, T>;
    const result: Record<string, T> = {};
    for (const key of keys) if (known.has(key)) result[key] = check(value[key]) as T;
    return result;
  };
}

export type Checks = Readonly<Record<string, Check<unknown>>>;

/** Why a value does not fit: the field. */
export interface BadField {
  readonly field: string;
}

export type Checked = { readonly value: Record<string, unknown> } | BadField;

/**
 * `optional`: these may be left out. A value that has nothing else is returned as it is: copies of large recordings
 * would take longer than the checks. No name of a field is one that every object has (`constructor`).
 */
export function checkOf(needed: Checks, optional: Checks = {}): (value: Record<string, unknown>) => Checked {
  const checks = [
    ...Object.entries(needed).map(([field, check]) => ({ field, check, isNeeded: true })),
    ...Object.entries(optional).map(([field, check]) => ({ field, check, isNeeded: false })),
  ];
  return (value) => {
    let known = 0;
    let isWhole = true;
    for (const { field, check, isNeeded } of checks) {
      const given = value[field];
      if (given === undefined) {
        if (isNeeded) return { field };
        continue;
      }
      const each = check(given);
      if (each === BAD) return { field };
      known++;
      if (each !== given) isWhole = false;
    }
    if (isWhole && keysOf(value) === known) return { value };
    const copy: Record<string, unknown> = {};
    for (const { field, check } of checks) if (value[field] !== undefined) copy[field] = check(value[field]);
    return { value: copy };
  };
}

function keysOf(value: object): number {
  let keys = 0;
  for (const _ in value) keys++;
  return keys;
}

export function object(needed: Checks, optional: Checks = {}): Check<Record<string, unknown>> {
  const checked = checkOf(needed, optional);
  return (value) => {
    if (!isObject(value)) return BAD;
    const result = checked(value);
    return "field" in result ? BAD : result.value;
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
