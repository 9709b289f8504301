/** better-sqlite3: the classes of its compiled part, before its JavaScript uses them. */
import { openConnection } from "../open.ts";
import { replaceClass } from "../replace.ts";
import { tracerOf } from "../tracer.ts";
import { SynchronousDriver } from "./synchronous.ts";

interface NativeDatabase {
  readonly inTransaction: boolean;
}

interface Addon {
  readonly Database: { readonly prototype: object };
  readonly Statement: { readonly prototype: object };
  readonly StatementIterator: { readonly prototype: object };
}

export function traceBetterSqlite3(exports: Record<string, unknown>, folder: string): boolean {
  if (!isAddon(exports)) return false;
  const driver = new SynchronousDriver((database) => (database as NativeDatabase).inTransaction);
  const tracer = tracerOf(folder);
  const { Database, Statement, StatementIterator } = exports;
  driver.prepare(Database.prototype, "prepare");
  driver.script(Database.prototype, "exec", ([text]) => text);
  driver.close(Database.prototype, "close");
  for (const name of ["function", "aggregate", "table"]) driver.callbacks(Database.prototype, name);
  for (const name of ["run", "get", "all"]) driver.run(Statement.prototype, name);
  driver.iterate(Statement.prototype, "iterate");
  for (const name of ["next", "return"]) driver.step(StatementIterator.prototype, name);
  replaceClass(exports, "Database", (args, make, above) => {
    const [name, , , readOnly, , timeout, verbose] = args;
    const options = { name, hasUris: true, readOnly: readOnly === true, timeoutMs: timeout, driver: "better-sqlite3" };
    const { object, connection } = openConnection(tracer, options, make, above);
    if (connection !== undefined) {
      connection.hasCallbacks = typeof verbose === "function";
      driver.add(object, connection);
    }
    return object;
  });
  return true;
}

/** Known by what it exports: forks have other names. */
function isAddon(exports: object): exports is Addon {
  return (
    ["Database", "Statement", "StatementIterator"].every((name) => hasClass(exports, name)) &&
    ["setErrorConstructor", "initialize"].some((name) => hasClass(exports, name))
  );
}

function hasClass(exports: object, name: string): boolean {
  return typeof Object.getOwnPropertyDescriptor(exports, name)?.value === "function";
}
