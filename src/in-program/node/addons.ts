/** Compiled libraries, as they are loaded: require() and import come to process.dlopen alike, under jest as well. */
type Exports = Record<string, unknown>;

/** Of better-sqlite3, of node-sqlite3, and of what was made from them. */
const CLASSES = ["Database", "Statement"];

/** Gets what a library exports that may be a driver, before the program does. */
export function whenAddonIsLoaded(loaded: (exports: Exports) => void): void {
  const descriptor = Object.getOwnPropertyDescriptor(process, "dlopen");
  if (typeof descriptor?.value !== "function" || descriptor.configurable !== true) return;
  const original = descriptor.value as (...args: unknown[]) => unknown;
  const { apply } = Reflect;
  // Its errors are as without this frame, and Node.js does not print this line as their place.
  const noFrame = (error: unknown, _mark: string) => {
    if (error instanceof Error) Error.captureStackTrace(error, dlopen);
    return error;
  };
  const dlopen = function (this: unknown, ...args: [module?: { exports?: unknown }, file?: unknown]): unknown {
    let result: unknown;
    try {
      result = apply(original, this, args);
    } catch (error) {
      throw noFrame(error, "node-do-not-add-exception-line");
    }
    try {
      const exports = args[0]?.exports;
      if (mayBeDriver(exports)) loaded(exports);
    } catch {
      // this library is not traced
    }
    return result;
  };
  for (const key of ["name", "length"] as const) {
    Object.defineProperty(dlopen, key, { value: original[key], configurable: true });
  }
  Object.defineProperty(process, "dlopen", { ...descriptor, value: dlopen });
}

function mayBeDriver(exports: unknown): exports is Exports {
  if (typeof exports !== "object" || exports === null) return false;
  return CLASSES.every((name) => typeof Object.getOwnPropertyDescriptor(exports, name)?.value === "function");
}
