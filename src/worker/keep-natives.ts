/**
 * From Node.js 24.19 on, better-sqlite3 12, compiled there, ends the process (SIGABRT in
 * `RemoveEnvironmentCleanupHook`) when V8 collects a connection, a statement, an iterator or a backup
 * (node_object_wrap.h; better-sqlite3 13 does not, and needs Node.js 22.14). So a worker keeps references to them all
 * until it ends, after a few hundred jobs at most.
 */
import Database from "better-sqlite3";

const FIRST_AFFECTED_MAJOR = 24;

type Method = (this: object, ...args: unknown[]) => object;

const kept = new Set<object>();

/** To be called before the first connection. */
export function keepNatives(): void {
  if (Number.parseInt(process.versions.node, 10) < FIRST_AFFECTED_MAJOR) return;
  const db = new Database(":memory:");
  const [native] = Object.getOwnPropertySymbols(db).map((symbol) => (db as unknown as Record<symbol, object>)[symbol]);
  if (native === undefined) throw new Error("better-sqlite3 has no native connection under a symbol");
  kept.add(db);
  keepResultsOf(native, "prepare");
  keepResultsOf(native, "backup");
  keepResultsOf(db.prepare("SELECT 1"), "iterate");
  db.close();
}

/** Keeps the result of each call, and the object: a closed object would be collected too. */
function keepResultsOf(object: object, name: string): void {
  const prototype = Object.getPrototypeOf(object) as Record<string, Method>;
  const method = prototype[name];
  if (method === undefined) throw new Error(`better-sqlite3 has no ${name}`);
  prototype[name] = function (...args) {
    const result = method.apply(this, args);
    kept.add(this).add(result);
    return result;
  };
}
