/** Drivers whose calls return when SQLite has: what their methods do is told by the connection that they belong to. */
import type { Connection, Done, Place } from "../connection.ts";
import { now } from "../own.ts";
import { apply, replaceMethod } from "../replace.ts";
import { failureName } from "../result-names.ts";
import type { Use } from "../uses.ts";
import { type Call, callOf, follow, thrown } from "./follow.ts";

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

type Times = Required<Pick<Done, "t0" | "t1" | "inside" | "result">>;

export class SynchronousDriver {
  readonly #connections = new WeakMap<object, Connection>();
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
    this.#connections.set(database, connection);
    this.#collected.register(database, connection);
  }

  prepare(owner: object, name: PropertyKey): void {
    const [connections, statements] = [this.#connections, this.#statements];
    const failed = (call: Call, error: unknown) => this.#failed(call, call.object, call.args[0], false, error);
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
          const connection = connections.get(this);
          const text = args[0];
          if (connection !== undefined && typeof text === "string") {
            const use = connection.use(text, false, t0);
            use.bound ??= { database: new WeakRef(this), connection, use } satisfies Statement;
            statements.set(result as object, use.bound as Statement);
          }
        } catch {
          // this statement is not traced
        }
        return result;
      };
      return replacement;
    });
  }

  /**
   * @param textOf the SQL that it runs, from its arguments
   * @param databaseOf whose, from the object that the method is of
   */
  script(
    owner: object,
    name: PropertyKey,
    textOf: (args: unknown[]) => unknown,
    databaseOf: (object: object) => object = (object) => object,
  ): void {
    follow(owner, name, {
      succeeded: ({ object, args, t0, above }) => {
        const database = databaseOf(object);
        const connection = this.#connections.get(database);
        const text = textOf(args);
        if (connection === undefined || typeof text !== "string") return;
        const done = { t0, t1: now(), isOpen: this.#isOpen(database), result: null };
        connection.done(connection.use(text, true, t0), done, above);
      },
      failed: (call, error) => this.#failed(call, databaseOf(call.object), textOf(call.args), true, error),
    });
  }

  run(owner: object, name: PropertyKey): void {
    const statements = this.#statements;
    const done = this.#done.bind(this);
    const failed = (call: Call, error: unknown) => this.#failedRun(statements.get(call.object), call, call.t0, error);
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
          const t1 = now();
          const statement = statements.get(this);
          if (statement !== undefined) done(statement, { t0, t1, inside: t1 - t0, result: null }, replacement);
        } catch {
          // this call is not told
        }
        return result;
      };
      return replacement;
    });
  }

  /** @param whenFirst gets what it returns, to trace its methods */
  iterate(owner: object, name: PropertyKey, whenFirst?: (iterator: object) => void): void {
    follow(owner, name, {
      succeeded: ({ object, t0 }, result) => {
        const statement = this.#statements.get(object);
        if (statement === undefined || typeof result !== "object" || result === null) return;
        this.#readings.set(result, { statement, t0: 0, inside: now() - t0, isDone: false, place: undefined });
        whenFirst?.(result);
      },
      failed: (call, error) => this.#failedRun(this.#statements.get(call.object), call, call.t0, error),
    });
  }

  /** next() and return() of what iterate() gives. */
  step(owner: object, name: PropertyKey): void {
    follow(owner, name, {
      succeeded: ({ object, t0, above }, result) => {
        const reading = this.#readings.get(object);
        if (reading === undefined || reading.isDone) return;
        const t1 = now();
        if (reading.t0 === 0) reading.t0 = t0;
        reading.inside += t1 - t0;
        const { connection, use } = reading.statement;
        reading.place ??= connection.placeOf(use, t1, above);
        if (name !== "return" && (result as { done?: unknown } | undefined)?.done !== true) return;
        reading.isDone = true;
        // what went on is told with the line that began it
        const place = t1 - reading.t0 >= LONG_US ? reading.place : above;
        this.#done(reading.statement, { t0: reading.t0, t1, inside: reading.inside, result: null }, place);
      },
      failed: (call, error) => {
        const reading = this.#readings.get(call.object);
        if (reading === undefined) return undefined;
        reading.isDone = true;
        return this.#failedRun(reading.statement, call, reading.t0 || call.t0, error);
      },
    });
  }

  close(owner: object, name: PropertyKey): void {
    follow(owner, name, {
      succeeded: ({ object, above }) => {
        const connection = this.#connections.get(object);
        if (connection?.isClosed !== false) return;
        connection.close("closed", now(), connection.tracer.sites.at(above));
      },
      failed: (call, error) => this.#failed(call, call.object, undefined, false, error),
    });
  }

  /** A method by which the program gives the driver functions of its own. */
  callbacks(owner: object, name: PropertyKey): void {
    follow(owner, name, {
      succeeded: ({ object }) => {
        const connection = this.#connections.get(object);
        if (connection !== undefined) connection.hasCallbacks = true;
      },
      failed: ({ object }) => this.#connections.get(object),
    });
  }

  #done({ connection, database, use }: Statement, times: Times, place: Place): void {
    const { t0, t1, inside, result } = times;
    const object = database.deref();
    const isOpen = object === undefined ? undefined : this.#isOpen(object);
    connection.done(use, { t0, t1, inside, isOpen, result }, place);
  }

  #failed(
    { t0, above }: Call,
    database: object,
    text: unknown,
    isScript: boolean,
    error: unknown,
  ): Connection | undefined {
    const connection = this.#connections.get(database);
    if (connection === undefined) return undefined;
    if (connection.isClosed) connection.usedAfterClose(now(), above);
    else if (typeof text === "string") {
      const done = { t0, t1: now(), isOpen: this.#isOpen(database), result: failureName(error) };
      connection.done(connection.use(text, isScript, t0), done, above);
    }
    return connection;
  }

  #failedRun(statement: Statement | undefined, { above }: Call, t0: number, error: unknown): Connection | undefined {
    if (statement === undefined) return undefined;
    const { connection } = statement;
    if (connection.isClosed) connection.usedAfterClose(now(), above);
    else {
      const t1 = now();
      this.#done(statement, { t0, t1, inside: t1 - t0, result: failureName(error) }, above);
    }
    return connection;
  }
}
