/** Drivers whose calls return when SQLite has: what their methods do is told by the connection that they belong to. */
import type { Connection, Place } from "../connection.ts";
import { withoutFrame, withoutLine } from "../errors.ts";
import { now } from "../own.ts";
import { type AnyFunction, apply, replaceMethod } from "../replace.ts";
import { failureName } from "../result-names.ts";
import type { Use } from "../uses.ts";

/** One object for all statements of a text: a program may prepare it anew for each call. */
interface Statement {
  readonly database: WeakRef<object>;
  readonly connection: Connection;
  readonly use: Use;
}

/** A result that the program reads row by row. */
interface Reading {
  readonly statement: Statement;
  t0: number;
  inside: number;
  isDone: boolean;
  /** Of the first step. */
  place: Place | undefined;
}

/** As long as a call that is told at once. */
const LONG_US = 5_000;

const NO_PLACE = "node-do-not-add-exception-line";

export class SynchronousDriver {
  readonly connections = new WeakMap<object, Connection>();
  readonly #statements = new WeakMap<object, Statement>();
  readonly #readings = new WeakMap<object, Reading>();
  readonly #isOpen: (database: object) => boolean | undefined;
  readonly #collected = new FinalizationRegistry<Connection>((connection) => {
    try {
      connection.close("collected", now(), undefined);
    } catch {
      // nothing is told
    }
  });

  /** @param isOpen whether a transaction is open; undefined: it cannot be told */
  constructor(isOpen: (database: object) => boolean | undefined) {
    this.#isOpen = isOpen;
  }

  add(database: object, connection: Connection): void {
    this.connections.set(database, connection);
    this.#collected.register(database, connection);
  }

  #isOpenOf({ database }: Statement): boolean | undefined {
    const object = database.deref();
    return object === undefined ? undefined : this.#isOpen(object);
  }

  prepare(owner: object, name: PropertyKey): void {
    const driver = this;
    replaceMethod(owner, name, (original) => {
      const replacement = function (this: object, ...args: unknown[]) {
        const t0 = now();
        let result: unknown;
        try {
          result = apply(original, this, args);
        } catch (error) {
          throw driver.failed(this, args[0], false, t0, error, replacement, "node-do-not-add-exception-line");
        }
        try {
          const connection = driver.connections.get(this);
          if (connection !== undefined && typeof args[0] === "string") {
            const use = connection.use(args[0], false, t0);
            use.bound ??= { database: new WeakRef(this), connection, use } satisfies Statement;
            driver.#statements.set(result as object, use.bound as Statement);
          }
        } catch {
          // this statement is not traced
        }
        return result;
      };
      return replacement;
    });
  }

  /** @param textOf the SQL that it runs, from its arguments */
  script(owner: object, name: PropertyKey, textOf: (args: unknown[]) => unknown): void {
    const driver = this;
    replaceMethod(owner, name, (original) => {
      const replacement = function (this: object, ...args: unknown[]) {
        const t0 = now();
        let result: unknown;
        try {
          result = apply(original, this, args);
        } catch (error) {
          throw driver.failed(this, textOf(args), true, t0, error, replacement, "node-do-not-add-exception-line");
        }
        try {
          const connection = driver.connections.get(this);
          const text = textOf(args);
          if (connection !== undefined && typeof text === "string") {
            const done = { t0, t1: now(), isOpen: driver.#isOpen(this), result: null };
            connection.done(connection.use(text, true, t0), done, replacement);
          }
        } catch {
          // this call is not told
        }
        return result;
      };
      return replacement;
    });
  }

  run(owner: object, name: PropertyKey): void {
    const driver = this;
    const statements = this.#statements;
    replaceMethod(owner, name, (original) => {
      const replacement = function (this: object, ...args: unknown[]) {
        const t0 = now();
        let result: unknown;
        try {
          result = apply(original, this, args);
        } catch (error) {
          throw driver.failedRun(statements.get(this), t0, error, replacement, "node-do-not-add-exception-line");
        }
        try {
          const t1 = now();
          const statement = statements.get(this);
          if (statement !== undefined) {
            const isOpen = driver.#isOpenOf(statement);
            statement.connection.done(statement.use, { t0, t1, isOpen, result: null }, replacement);
          }
        } catch {
          // this call is not told
        }
        return result;
      };
      return replacement;
    });
  }

  iterate(owner: object, name: PropertyKey, whenFirst?: (iterator: object) => void): void {
    const driver = this;
    replaceMethod(owner, name, (original) => {
      const replacement = function (this: object, ...args: unknown[]) {
        const t0 = now();
        const statement = driver.#statements.get(this);
        let result: unknown;
        try {
          result = apply(original, this, args);
        } catch (error) {
          throw driver.failedRun(statement, t0, error, replacement, "node-do-not-add-exception-line");
        }
        try {
          if (statement !== undefined && typeof result === "object" && result !== null) {
            whenFirst?.(result);
            driver.#readings.set(result, { statement, t0: 0, inside: now() - t0, isDone: false, place: undefined });
          }
        } catch {
          // this result is not traced
        }
        return result;
      };
      return replacement;
    });
  }

  /** next() and return() of what iterate() gives. */
  step(owner: object, name: PropertyKey): void {
    const driver = this;
    replaceMethod(owner, name, (original) => {
      const replacement = function (this: object, ...args: unknown[]) {
        const reading = driver.#readings.get(this);
        if (reading === undefined || reading.isDone) return apply(original, this, args);
        const t0 = now();
        if (reading.t0 === 0) reading.t0 = t0;
        let result: unknown;
        try {
          result = apply(original, this, args);
        } catch (error) {
          reading.isDone = true;
          throw driver.failedRun(reading.statement, reading.t0, error, replacement, "node-do-not-add-exception-line");
        }
        try {
          const t1 = now();
          reading.inside += t1 - t0;
          const { connection, use } = reading.statement;
          reading.place ??= connection.placeOf(use, t1, replacement);
          if (name === "return" || (result as { done?: unknown } | undefined)?.done === true) {
            reading.isDone = true;
            const isOpen = driver.#isOpenOf(reading.statement);
            const done = { t0: reading.t0, t1, inside: reading.inside, isOpen, result: null };
            // what went on is told with the line that began it
            connection.done(use, done, t1 - reading.t0 >= LONG_US ? (reading.place ?? replacement) : replacement);
          }
        } catch {
          // this result is not told
        }
        return result;
      };
      return replacement;
    });
  }

  close(owner: object, name: PropertyKey): void {
    const driver = this;
    replaceMethod(owner, name, (original) => {
      const replacement = function (this: object, ...args: unknown[]) {
        let result: unknown;
        try {
          result = apply(original, this, args);
        } catch (error) {
          throw driver.failed(this, undefined, false, 0, error, replacement, "node-do-not-add-exception-line");
        }
        try {
          const connection = driver.connections.get(this);
          if (connection?.isClosed === false) {
            connection.close("closed", now(), connection.tracer.sites.at(replacement));
          }
        } catch {
          // it is not told
        }
        return result;
      };
      return replacement;
    });
  }

  /** A method by which the program gives the driver functions of its own. */
  callbacks(owner: object, name: PropertyKey): void {
    const driver = this;
    replaceMethod(owner, name, (original) => {
      const replacement = function (this: object, ...args: unknown[]) {
        const connection = driver.connections.get(this);
        if (connection !== undefined) connection.hasCallbacks = true;
        try {
          return apply(original, this, args);
        } catch (error) {
          throw withoutFrame(error, replacement, "node-do-not-add-exception-line");
        }
      };
      return replacement;
    });
  }

  /** A call of a connection that failed. @returns the error to throw */
  failed(
    database: object,
    text: unknown,
    isScript: boolean,
    t0: number,
    error: unknown,
    above: AnyFunction,
    mark: typeof NO_PLACE,
  ): unknown {
    let connection: Connection | undefined;
    try {
      connection = this.connections.get(database);
      if (connection?.isClosed === true) connection.usedAfterClose(now(), above);
      else if (connection !== undefined && typeof text === "string") {
        const done = { t0, t1: now(), isOpen: this.#isOpen(database), result: failureName(error) };
        connection.done(connection.use(text, isScript, t0), done, above);
      }
    } catch {
      // it is not told
    }
    return cleaned(connection, error, above, mark);
  }

  failedRun(
    statement: Statement | undefined,
    t0: number,
    error: unknown,
    above: AnyFunction,
    mark: typeof NO_PLACE,
  ): unknown {
    try {
      if (statement?.connection.isClosed === true) statement.connection.usedAfterClose(now(), above);
      else if (statement !== undefined) {
        const done = { t0, t1: now(), isOpen: this.#isOpenOf(statement), result: failureName(error) };
        statement.connection.done(statement.use, done, above);
      }
    } catch {
      // it is not told
    }
    return cleaned(statement?.connection, error, above, mark);
  }
}

function cleaned(connection: Connection | undefined, error: unknown, above: AnyFunction, mark: string): unknown {
  return connection?.hasCallbacks === false ? withoutFrame(error, above, mark) : withoutLine(error, above, mark);
}
