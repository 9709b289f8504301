/** Following the calls of a library's method. */
import type { Connection } from "../connection.ts";
import { withoutFrame, withoutLine } from "../errors.ts";
import { now } from "../own.ts";
import { type AnyFunction, apply, replaceMethod } from "../replace.ts";

/** A call of a method, of `object`; `above`: the frame of the tracer that the program has called. */
export interface Call {
  readonly object: object;
  readonly args: unknown[];
  readonly t0: number;
  readonly above: AnyFunction;
}

export interface Follow {
  readonly succeeded?: (call: Call, result: unknown) => void;
  /** Whose call it is that fails. */
  readonly failed: (call: Call, error: unknown) => Connection | undefined;
}

/**
 * Calls of a method are told when they return; nothing that fails here comes to the program. For methods that are
 * called very often this is slow: V8 makes one function of all that are followed.
 */
export function follow(owner: object, name: PropertyKey, { succeeded, failed }: Follow): void {
  replaceMethod(owner, name, (original) => {
    const replacement = function (this: object, ...args: unknown[]) {
      const t0 = now();
      let result: unknown;
      try {
        result = apply(original, this, args);
      } catch (error) {
        throw thrown(callOf(this, args, t0, replacement), error, failed, "node-do-not-add-exception-line");
      }
      try {
        succeeded?.({ object: this, args, t0, above: replacement }, result);
      } catch {
        // this call is not told
      }
      return result;
    };
    return replacement;
  });
}

/** One line where it is thrown: the bundler puts no object of several lines there. */
export function callOf(object: object, args: unknown[], t0: number, above: AnyFunction): Call {
  return { object, args, t0, above };
}

/** The error to throw, on a line with the mark that Node.js looks for (errors.ts). */
export function thrown(call: Call, error: unknown, failed: Follow["failed"], mark: string): unknown {
  let connection: Connection | undefined;
  try {
    connection = failed(call, error);
  } catch {
    // it is not told
  }
  const isOurs = connection?.hasCallbacks === false;
  return isOurs ? withoutFrame(error, call.above, mark) : withoutLine(error, call.above, mark);
}
