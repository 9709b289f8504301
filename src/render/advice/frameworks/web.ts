/** Rails and Laravel. */
import type { FrameworkWords } from "./framework.ts";

const DATABASE_YML = "config/database.yml, in the database's entry";
const DATABASE_PHP = "config/database.php, in 'sqlite' of 'connections'";

/** https://github.com/rails/rails/pull/50371 (immediate), /pull/50460 (pragmas) */
export const RAILS: FrameworkWords = {
  id: "rails",
  name: "Rails",
  cures: null,
  changes: {
    busyTimeout: (ms) => ({
      where: DATABASE_YML,
      code: [`timeout: ${ms}`],
      note: "In milliseconds; without it, 0. `rails new` writes 5000.",
    }),
    beginImmediate: {
      where: DATABASE_YML,
      code: ["default_transaction_mode: immediate"],
      note:
        "Rails 8.0 and later begin transactions so without it: there, look for `deferred` in this place, and for " +
        "BEGIN in SQL of your own. Before Rails 8.0, the sqlite3 gem must know the option: version 2 does.",
    },
    walMode: {
      where: DATABASE_YML,
      code: ["pragmas:", "  journal_mode: wal"],
      note: "Rails 7.1 and later use WAL without it; `pragmas` needs Rails 7.2.",
    },
    checkpointInterval: (pages) => ({
      where: DATABASE_YML,
      code: ["pragmas:", `  wal_autocheckpoint: ${pages}`],
      note: "In pages; this is SQLite's default. Rails 7.2 and later.",
    }),
    oneConnection: null,
  },
};

/** https://github.com/laravel/framework/pull/52052 (timeout, journal mode), /pull/56681 (transaction mode) */
export const LARAVEL: FrameworkWords = {
  id: "laravel",
  name: "Laravel",
  cures: null,
  changes: {
    busyTimeout: (ms) => ({
      where: DATABASE_PHP,
      code: [`'busy_timeout' => ${ms},`],
      note: "In milliseconds. Laravel 11 and later; null leaves PDO's 60 seconds.",
    }),
    beginImmediate: {
      where: DATABASE_PHP,
      code: ["'transaction_mode' => 'IMMEDIATE',"],
      note: "Laravel 12 (since August 2025). Each DB::transaction() takes the write lock then.",
    },
    walMode: { where: DATABASE_PHP, code: ["'journal_mode' => 'WAL',"], note: "Laravel 11 and later." },
    checkpointInterval: (pages) => ({
      where: "AppServiceProvider, in boot()",
      code: [`DB::connection('sqlite')->statement('PRAGMA wal_autocheckpoint = ${pages}');`],
      note: "In pages; this is SQLite's default.",
    }),
    oneConnection: null,
  },
};
