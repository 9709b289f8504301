/** Compiled libraries, as they are loaded: require() and import come to process.dlopen alike, under jest as well. */
import { withoutFrame } from "./errors.ts";
import { apply } from "./own.ts";
import { replaceMethod } from "./replace.ts";

/** Gets what each of them exports, before the program does. */
export function whenAddonIsLoaded(loaded: (exports: Record<string, unknown>) => void): void {
  replaceMethod(process, "dlopen", (original) => {
    const replacement = function (this: unknown, ...args: [module?: { exports?: unknown }]) {
      let result: unknown;
      try {
        result = apply(original, this, args);
      } catch (error) {
        throw withoutFrame(error, replacement, "node-do-not-add-exception-line");
      }
      try {
        const exports = args[0]?.exports;
        if (typeof exports === "object" && exports !== null) loaded(exports as Record<string, unknown>);
      } catch {
        // this library is not traced
      }
      return result;
    };
    return replacement;
  });
}
