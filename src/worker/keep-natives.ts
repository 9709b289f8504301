/**
 * From Node.js 24.19 on, better-sqlite3 12, compiled there, ends the process (SIGABRT in
 * `RemoveEnvironmentCleanupHook`) when V8 collects a connection, a statement, an iterator or a backup
 * (node_object_wrap.h; better-sqlite3 13 is free of it, and needs Node.js 22.14). So a worker, which does one job,
 * keeps them.
 */
import Database from "better-sqlite3";

const FIRST_MAJOR = 24;

type Method = (this: object, ...args: unknown[]) => object;

const kept = new Set<object>();

/** To be called before there is any connection. */
export function keepNatives(): void {
  if (Number.parseInt(process.versions.node, 10) < FIRST_MAJOR) return;
  const db = new Database(":memory:");
  const [native] = Object.getOwnPropertySymbols(db).map((symbol) => (db as unknown as Record<symbol, object>)[symbol]);
  if (native === undefined) throw new Error("better-sqlite3 keeps its connection elsewhere");
  kept.add(db);
  keepWhatComesFrom(native, "prepare");
  keepWhatComesFrom(native, "backup");
  keepWhatComesFrom(db.prepare("SELECT 1"), "iterate");
  db.close();
}

/** `this` as well: what has been closed is collected too. */
function keepWhatComesFrom(object: object, name: string): void {
  const prototype = Object.getPrototypeOf(object) as Record<string, Method>;
  const method = prototype[name];
  if (method === undefined) throw new Error(`better-sqlite3 has no ${name}`);
  prototype[name] = function (...args) {
    const made = method.apply(this, args);
    kept.add(this).add(made);
    return made;
  };
}
