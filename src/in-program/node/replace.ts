/** Puts a function of the tracer in the place of one of a library: nothing else about it may differ. */

const { construct } = Reflect;

export const { apply } = Reflect;

// biome-ignore lint/complexity/noBannedTypes: whatever a library has there
export type AnyFunction = Function;

/** Does nothing where there is no such method, or where it cannot be replaced. */
export function replaceMethod(owner: object, name: PropertyKey, make: (original: AnyFunction) => AnyFunction): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  if (typeof descriptor?.value !== "function" || descriptor.configurable !== true) return;
  const original = descriptor.value as AnyFunction;
  Object.defineProperty(owner, name, { ...descriptor, value: alike(make(original), original) });
}

function alike(replacement: AnyFunction, original: AnyFunction): AnyFunction {
  for (const key of ["name", "length"] as const) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key);
    if (descriptor !== undefined) Object.defineProperty(replacement, key, descriptor);
  }
  return replacement;
}

/** @param above the frame of the tracer that is called by the program */
export type Construct = (args: unknown[], make: () => object, above: AnyFunction) => object;

/** A class that tells of its objects. It stays the same class for instanceof, `constructor` and subclasses. */
export function replaceClass(owner: object, name: string, constructing: Construct): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  if (typeof descriptor?.value !== "function" || descriptor.configurable !== true) return;
  const original = descriptor.value as AnyFunction & { prototype: object };
  const trap = (_: unknown, args: unknown[], target: AnyFunction): object =>
    constructing(args, () => construct(original, args, target === replacement ? original : target) as object, trap);
  const replacement = new Proxy(original, { construct: trap });
  Object.defineProperty(owner, name, { ...descriptor, value: replacement });
  const own = Object.getOwnPropertyDescriptor(original.prototype, "constructor");
  if (own?.configurable === true && own.value === original) {
    Object.defineProperty(original.prototype, "constructor", { ...own, value: replacement });
  }
}
