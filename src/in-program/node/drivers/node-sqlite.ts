/** node:sqlite. A database can be closed and opened again: each time is a connection. */
import { type Opening, openConnection } from "../open.ts";
import { apply, replaceClass, replaceMethod } from "../replace.ts";
import { tracerOf } from "../tracer.ts";
import { follow } from "./follow.ts";
import { SynchronousDriver } from "./synchronous.ts";

interface Builtin {
  readonly DatabaseSync: { readonly prototype: object };
  readonly StatementSync: { readonly prototype: object };
}

const CALLBACKS = ["function", "aggregate", "setAuthorizer", "applyChangeset"];

export function traceNodeSqlite(exports: Record<string, unknown>, folder: string): void {
  if (typeof exports["DatabaseSync"] !== "function" || typeof exports["StatementSync"] !== "function") return;
  const { DatabaseSync, StatementSync } = exports as unknown as Builtin;
  const tracer = tracerOf(folder);
  const driver = new SynchronousDriver((database) => (database as { isTransaction?: boolean }).isTransaction);
  driver.prepare(DatabaseSync.prototype, "prepare");
  driver.script(DatabaseSync.prototype, "exec", ([text]) => text);
  for (const name of ["close", Symbol.dispose]) driver.close(DatabaseSync.prototype, name);
  for (const name of CALLBACKS) driver.callbacks(DatabaseSync.prototype, name);
  for (const name of ["run", "get", "all"]) driver.run(StatementSync.prototype, name);

  // Their classes have no name: their methods are met with the first object.
  const met = new WeakSet<object>();
  const whenFirst = (object: object, trace: (owner: object) => void) => {
    const owner = Object.hasOwn(object, "next") ? object : (Object.getPrototypeOf(object) as object);
    if (met.has(owner)) return;
    met.add(owner);
    trace(owner);
  };
  driver.iterate(StatementSync.prototype, "iterate", (iterator) =>
    whenFirst(iterator, (owner) => {
      for (const name of ["next", "return"]) driver.step(owner, name);
    }),
  );

  // Its calls are templates: the text is what stands between the values.
  const databases = new WeakMap<object, object>();
  follow(DatabaseSync.prototype, "createTagStore", {
    succeeded: ({ object: database }, result) => {
      const store = result as object;
      databases.set(store, database);
      whenFirst(store, (owner) => {
        for (const name of ["run", "get", "all", "iterate"]) {
          driver.script(owner, name, textOfTemplate, (object) => databases.get(object) ?? object);
        }
      });
    },
    failed: () => undefined,
  });

  const openings = new WeakMap<object, Opening>();
  const open = (object: object, make: () => object, above: Parameters<typeof openConnection>[3]) => {
    const opening = openings.get(object);
    if (opening === undefined) return void make();
    const { connection } = openConnection(tracer, opening, make, above);
    if (connection !== undefined) driver.add(object, connection);
  };
  replaceMethod(DatabaseSync.prototype, "open", (original) => {
    const replacement = function (this: object, ...args: unknown[]) {
      let result: unknown;
      const call = () => {
        result = apply(original, this, args);
        return this;
      };
      open(this, call, replacement);
      return result;
    };
    return replacement;
  });
  replaceClass(exports, "DatabaseSync", (args, make, above) => {
    const opening = openingOf(args);
    if ((args[1] as { open?: unknown } | undefined)?.open === false) {
      const object = make();
      openings.set(object, opening);
      return object;
    }
    const { object, connection } = openConnection(tracer, opening, make, above);
    openings.set(object, opening);
    if (connection !== undefined) driver.add(object, connection);
    return object;
  });
}

function openingOf([path, given]: readonly unknown[]): Opening {
  const { readOnly, timeout } = (given ?? {}) as { readOnly?: unknown; timeout?: unknown };
  const timeoutMs = typeof timeout === "number" ? timeout : 0;
  return { driver: "node:sqlite", name: nameOf(path), hasUris: true, readOnly: readOnly === true, timeoutMs };
}

function textOfTemplate([strings]: unknown[]): unknown {
  return Array.isArray(strings) ? strings.join("?") : undefined;
}

function nameOf(path: unknown): unknown {
  if (path instanceof URL) return path.href;
  return path instanceof Uint8Array ? Buffer.from(path).toString() : path;
}
