/** Loaded by every Node.js that has it in NODE_OPTIONS, in each of its threads. */
import { whenAddonIsLoaded } from "./addons.ts";
import { whenSqliteIsLoaded } from "./builtin.ts";
import { traceBetterSqlite3 } from "./drivers/better-sqlite3.ts";
import { traceNodeSqlite } from "./drivers/node-sqlite.ts";
import { traceSqlite3 } from "./drivers/sqlite3.ts";

const folder = process.env["SQLOCK_TRACE"];

if (folder?.startsWith("/")) {
  try {
    delete require.cache[__filename]; // the program's own modules alone
    whenAddonIsLoaded((addon) => traceBetterSqlite3(addon, folder) || traceSqlite3(addon, folder));
    whenSqliteIsLoaded((builtin) => traceNodeSqlite(builtin, folder));
  } catch {
    // the program runs untraced
  }
}
