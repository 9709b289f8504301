/**
 * node-sqlite3: its statements run in libuv's pool, and answer by a callback, or by the event "error" where there is
 * none. Where the program gives no callback, ours emits that event, as the library would have.
 */
import { Connection, type Place } from "../connection.ts";
import { type Opening, tellOpened } from "../open.ts";
import { now } from "../own.ts";
import { type AnyFunction, apply, replaceClass, replaceMethod } from "../replace.ts";
import { failureName } from "../result-names.ts";
import { type Tracer, tracerOf } from "../tracer.ts";
import type { Use } from "../uses.ts";

interface Statement {
  readonly connection: Connection;
  readonly use: Use;
}

interface Addon {
  readonly Database: { readonly prototype: object };
  readonly Statement: { readonly prototype: object };
}

const DEFAULT_TIMEOUT_MS = 1000;
const OPEN_READONLY = 1;

interface Emitter {
  emit(event: string, error: unknown): void;
  listenerCount(event: string): number;
}

type Answer = (error: unknown) => void;

export function traceSqlite3(exports: Record<string, unknown>, folder: string): boolean {
  if (!isAddon(exports)) return false;
  const { Database, Statement } = exports;
  const tracer = tracerOf(folder);
  const connections = new WeakMap<object, Connection>();
  const statements = new WeakMap<object, Statement>();
  const collected = new FinalizationRegistry<Connection>((connection) => {
    quietly(() => connection.close("collected", now(), undefined));
  });

  replaceClass(exports, "Database", (args, make, above) => {
    const connection = quietly(() => new Connection(tracer));
    if (connection === undefined) return make();
    quietly(() => answerOpen(tracer, connection, args, above));
    const object = make();
    connections.set(object, connection);
    collected.register(object, connection);
    return object;
  });

  replaceClass(exports, "Statement", (args, make, above) => {
    const connection = connections.get(args[0] as object);
    const text = args[1];
    if (connection === undefined || typeof text !== "string") return make();
    const t0 = now();
    const use = quietly(() => connection.use(text, false, t0));
    if (use === undefined) return make();
    // Where it cannot be prepared, the calls that wait for it are never answered.
    const place = quietly(() => connection.placeOf(use, t0, above)) ?? { site: undefined };
    args[2] = answering(args[2], (error) => {
      if (error) tell({ connection, use }, t0, error, place);
    });
    const object = make();
    statements.set(object, { connection, use });
    return object;
  });

  for (const name of ["run", "get", "all", "each"]) {
    replaceMethod(Statement.prototype, name, (original) => {
      const replacement = function (this: object, ...args: unknown[]) {
        const statement = statements.get(this);
        if (statement !== undefined) quietly(() => answerCall(statement, name, args, replacement));
        return apply(original, this, args);
      };
      return replacement;
    });
  }

  replaceMethod(Database.prototype, "exec", (original) => {
    const replacement = function (this: object, ...args: unknown[]) {
      const connection = connections.get(this);
      const text = args[0];
      if (connection !== undefined && typeof text === "string" && isOptional(args[1])) {
        quietly(() => {
          const t0 = now();
          const use = connection.use(text, true, t0);
          const place = connection.placeOf(use, t0, replacement);
          args[1] = answering(args[1], (error) => tell({ connection, use }, t0, error, place));
        });
      }
      return apply(original, this, args);
    };
    return replacement;
  });

  replaceMethod(Database.prototype, "close", (original) => {
    const replacement = function (this: object, ...args: unknown[]) {
      const connection = connections.get(this);
      if (connection !== undefined && isOptional(args[0])) {
        quietly(() => {
          const site = connection.tracer.sites.at(replacement);
          args[0] = answering(args[0], (error) => {
            if (!error) connection.close("closed", now(), site, connection.tracer.pool);
            else if (isClosedError(error)) connection.usedAfterClose(now(), { site });
          });
        });
      }
      return apply(original, this, args);
    };
    return replacement;
  });
  return true;
}

function answerOpen(tracer: Tracer, connection: Connection, args: unknown[], above: AnyFunction): void {
  const t0 = now();
  const [name, mode] = args;
  const site = tracer.sites.at(above);
  const isReadOnly = typeof mode === "number" && (mode & OPEN_READONLY) !== 0;
  const opening: Opening = {
    ...{ driver: "node-sqlite3", name, hasUris: true, readOnly: isReadOnly, timeoutMs: DEFAULT_TIMEOUT_MS },
  };
  const at = typeof mode === "number" ? 2 : 1;
  args[at] = answering(args[at], (error) => {
    const when = { t0, t1: now(), site, who: tracer.pool };
    tellOpened(connection, opening, when, error ? failureName(error) : undefined);
    if (error) connection.isClosed = true;
  });
}

function answerCall(statement: Statement, name: string, args: unknown[], above: AnyFunction): void {
  const t0 = now();
  const place = statement.connection.placeOf(statement.use, t0, above);
  let isTold = false;
  const answer: Answer = (error) => {
    if (isTold) return;
    isTold = true;
    tell(statement, t0, error, place);
  };
  const last = args.length - 1;
  if (name !== "each") {
    if (typeof args[last] === "function") args[last] = answering(args[last], answer);
    else args.push(answering(undefined, answer));
    return;
  }
  // One function for each row, or for the failure; and one for the end.
  if (typeof args[last] !== "function") return;
  const hasEnd = typeof args[last - 1] === "function";
  const row = hasEnd ? last - 1 : last;
  args[row] = answering(args[row], (error) => {
    if (error) answer(error);
  });
  if (hasEnd) args[last] = answering(args[last], answer);
  else args.push(() => quietly(() => answer(null)));
}

/** What the library is to call: it tells first, then does what would have been done without it. */
function answering(callback: unknown, answer: Answer): unknown {
  if (typeof callback === "function") {
    return function (this: unknown, ...args: unknown[]) {
      quietly(() => answer(args[0]));
      return apply(callback as AnyFunction, this, args);
    };
  }
  return function (this: Emitter, error: unknown) {
    quietly(() => answer(error));
    if (!error) return;
    // Nobody listens, so that this ends the program: the place where it was emitted is not to be that of the tracer.
    const isHandled = quietly(() => this.listenerCount("error") !== 0) !== false;
    const limit = Error.stackTraceLimit;
    try {
      if (!isHandled) Error.stackTraceLimit = 0;
      this.emit("error", error);
    } finally {
      if (!isHandled) Error.stackTraceLimit = limit;
    }
  };
}

function tell({ connection, use }: Statement, t0: number, error: unknown, place: Place): void {
  const t1 = now();
  if (error && isClosedError(error)) {
    connection.usedAfterClose(t1, place);
    return;
  }
  const result = error ? failureName(error) : null;
  connection.done(use, { t0, t1, isOpen: undefined, result, who: connection.tracer.pool }, place);
}

function isClosedError(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === "SQLITE_MISUSE" && /Database (?:handle )?is closed/.test(String(message));
}

function isOptional(callback: unknown): boolean {
  return callback === undefined || typeof callback === "function";
}

/** Known by what it exports: forks have other names. */
function isAddon(exports: Record<string, unknown>): exports is Record<string, unknown> & Addon {
  const names = ["Database", "Statement", "Backup"];
  return names.every((name) => typeof exports[name] === "function") && typeof exports["OPEN_FULLMUTEX"] === "number";
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
