/** The tracer, once a library may be a driver of SQLite. */
import { traceBetterSqlite3 } from "./drivers/better-sqlite3.ts";
import { traceNodeSqlite } from "./drivers/node-sqlite.ts";
import { traceSqlite3 } from "./drivers/sqlite3.ts";
import { type Own, useOwn } from "./own.ts";

export interface Trace {
  readonly addon: (exports: Record<string, unknown>) => void;
  readonly builtin: (exports: Record<string, unknown>) => void;
}

export function startTracer(folder: string, own: Own): Trace {
  useOwn(own);
  return {
    addon: (exports) => {
      if (!traceBetterSqlite3(exports, folder)) traceSqlite3(exports, folder);
    },
    builtin: (exports) => traceNodeSqlite(exports, folder),
  };
}
