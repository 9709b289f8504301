/** Drivers of languages whose interpreters are Debian's, with Debian's SQLite. */
import { join } from "node:path";
import type { TestContext } from "vitest";
import { DEBIAN_DRIVERS, hasDriver } from "../../support/programs.ts";
import { need } from "../../support/skip.ts";
import { type Command, type Driver, testDrivers } from "../matrix.ts";

testDrivers([
  driver("PHP's PDO", "php", "with_pdo.php"),
  driver("PHP's SQLite3", "php", "with_sqlite3.php"),
  driver("Perl's DBD::SQLite", "perl", "with_dbd_sqlite.pl"),
  driver("Ruby's sqlite3", "ruby", "with_sqlite3.rb"),
  driver("Tcl's sqlite3", "tclsh", "with_sqlite3.tcl"),
  driver("Lua's LuaSQL", "lua5.4", "with_luasql.lua"),
]);

function driver(name: string, interpreter: keyof typeof DEBIAN_DRIVERS, file: string): Driver {
  return {
    name,
    command: (context: TestContext): Command => {
      need(context, hasDriver(interpreter), `${interpreter} with SQLite (${DEBIAN_DRIVERS[interpreter].debian})`);
      return { argv: [interpreter, join(import.meta.dirname, file)] };
    },
  };
}
