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
    const result: T[] = [];
    for (const each of value) {
      const checked = check(each);
      if (checked === BAD) return BAD;
      result.push(checked);
    }
    return result;
  };
}

/** An object whose keys are some of `keys`; others are left out. */
export function byKey<T>(keys: readonly string[], check: Check<T>): Check<Record<string, T>> {
  return (value) => {
    if (!isObject(value)) return BAD;
    const result: Record<string, T> = {};
    for (const key of keys) {
      if (!Object.hasOwn(value, key)) continue;
      const checked = check(value[key]);
      if (checked === BAD) return BAD;
      result[key] = checked;
    }
    return result;
  };
}

export type Checks = Readonly<Record<string, Check<unknown>>>;

/** Why a value does not fit: the field. */
export interface BadField {
  readonly field: string;
}

export type Checked = { readonly value: Record<string, unknown> } | BadField;

/** `optional`: these may be left out. */
export function checked(value: Record<string, unknown>, needed: Checks, optional: Checks): Checked {
  const result: Record<string, unknown> = {};
  for (const [checks, isNeeded] of [
    [needed, true],
    [optional, false],
  ] as const) {
    for (const [field, check] of Object.entries(checks)) {
      if (!Object.hasOwn(value, field)) {
        if (isNeeded) return { field };
        continue;
      }
      const each = check(value[field]);
      if (each === BAD) return { field };
      result[field] = each;
    }
  }
  return { value: result };
}

export function object(needed: Checks, optional: Checks = {}): Check<Record<string, unknown>> {
  return (value) => {
    if (!isObject(value)) return BAD;
    const result = checked(value, needed, optional);
    return "field" in result ? BAD : result.value;
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
