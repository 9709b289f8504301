/** Every subcommand's name, arguments and options. Bodies are imported when they are called. */
import { Command, CommanderError } from "commander";
import { UserError } from "./errors.ts";
import { VERSION } from "./version.ts";

/** Runs the command line; `argv` is without node and script, `out` takes help and version. @returns the exit code. @throws UserError */
export async function runCli(argv: readonly string[], out: (text: string) => void): Promise<number> {
  let code = 0;
  const program = new Command("sqlock")
    .description("See who holds a SQLite database, with which lock, and since when.")
    .version(VERSION, "-V, --version")
    .configureOutput({ writeOut: out, writeErr: () => {}, outputError: () => {} })
    .exitOverride()
    .helpCommand(true);

  program
    .command("who-holds")
    .description("list the processes that hold a database, their locks, and whom they block")
    .argument("<database...>", "a database, its -wal, -shm or -journal, a file: or sqlite: URL, or a folder of databases")
    .option("--json", "print one JSON document instead of a table")
    .option("--locks-only", "only the owners of locks, from /proc/locks: no pass over all processes")
    .option("--exit-code", "exit with 1 when somebody holds a database")
    .option("-q, --quiet", "print nothing; the exit code is the answer (as with --exit-code)")
    .option("--wait <time>", "wait until nobody blocks readers or writers, at most this long (30s, 5m): 0, or 1 when the time is up")
    .option("--stale-after <time>", "from when on a process that does not run has forgotten its transaction (10s)")
    .option("--kill", "end some of them: as sqlock kill")
    .option("--columns <list>", "columns of the table, by name (PID,LOCKS); +TTY,UNIT adds to the usual ones")
    .option("--no-color", "no colours")
    .addHelpText("after", WHO_HOLDS_HELP)
    .action(async (databases: string[], options: import("./commands/who-holds.ts").WhoHoldsOptions) => {
      if (options.kill === true) {
        const { kill, killOf } = await import("./commands/kill.ts");
        code = await kill(killOf(databases), options);
        return;
      }
      const { whoHolds } = await import("./commands/who-holds.ts");
      code = await whoHolds(databases, options);
    });

  program
    .command("integrity")
    .description("check databases: header, structure, virtual tables, foreign keys; without changing them")
    .argument("[database...]", "a database, its -wal, -shm or -journal, or a file: or sqlite: URL")
    .option(
      "-r, --recursive <folder>",
      "all databases below a folder, whatever their names; symbolic links are not followed (may be given more than once)",
      (folder: string, all: string[] = []) => [...all, folder],
    )
    .option("--quick", "quick_check instead of integrity_check: the indexes are not compared with their tables")
    .option("--no-foreign-keys", "leave out foreign_key_check")
    .option("--max-problems <number>", "of each database, tell at most so many (100)")
    .option("--reporter <name>", "pretty, json, junit, github or sarif (pretty)")
    .option("--json", "as --reporter json")
    .option("--output <file>", "write the report to a file instead of stdout")
    .option("--copy", "check a copy that the backup API makes: the database is locked for moments only")
    .option("--allow-companions", "let SQLite make a -wal and a -shm beside a database in WAL mode, where there is no room for a private copy")
    .option("--wait <time>", "how long to wait for a locked database (5s)")
    .option("--timeout <time>", "how long to take for each database (10m)")
    .option("--no-color", "no colours")
    .addHelpText("after", INTEGRITY_HELP)
    .action(async (databases: string[], options: import("./commands/integrity.ts").IntegrityOptions) => {
      const { integrity } = await import("./commands/integrity.ts");
      code = await integrity(databases, options);
    });

  program
    .command("journal-mode")
    .description("show the journal mode that a database keeps, who is in the way of a change, and switch it to WAL and back")
    .argument("<database>", "a database, its -wal, -shm or -journal, or a file: or sqlite: URL")
    .argument("[mode]", "wal or delete: switch to it")
    .option("--wait <time>", "how long to wait for those who are in the way (10s)")
    .option("--dry-run", "make every check, and change nothing")
    .option("--force", "go past what speaks against it and might do no harm (a network file system, hard links, a -wal that was left)")
    .option("--json", "print one JSON document instead of text")
    .option("--no-color", "no colours")
    .addHelpText("after", JOURNAL_MODE_HELP)
    .action(async (database: string, mode: string | undefined, options: import("./commands/journal-mode.ts").JournalModeOptions) => {
      const { journalMode } = await import("./commands/journal-mode.ts");
      code = await journalMode(database, mode, options);
    });

  program
    .command("kill")
    .description("free a database: end processes that hold it, by hand and safely")
    .argument("<database>", "a database, its -wal, -shm or -journal, or a file: or sqlite: URL")
    .option("--pid <pid...>", "these processes")
    .option("--stale", "those that block others and are stopped, idle in a transaction or left over from a session")
    .option("--stale-after <time>", "from when on a process that does not run has forgotten its transaction (10s)")
    .option("--signal <name>", "TERM, INT, HUP, QUIT, ABRT, KILL, CONT, USR1 or USR2 (TERM)")
    .option("--grace <time>", "how long to wait before SIGKILL is the next step (5s)")
    .option("--yes", "ask nothing: without --pid or --stale, those that block readers or writers; SIGKILL after the grace")
    .option("--force", "with --pid: one whose end may corrupt the database, or lose what is nowhere else")
    .option("--dry-run", "say who would be signalled, and what that does")
    .option("--json", "print one JSON document; asks nothing")
    .option("--no-color", "no colours")
    .addHelpText("after", KILL_HELP)
    .action(async (database: string, options: import("./commands/kill.ts").KillOptions) => {
      const { kill } = await import("./commands/kill.ts");
      code = await kill(database, options);
    });

  program
    .command("watch")
    .description("see live who takes which lock, and for how long; a screen on a terminal, else a line an event")
    .argument("<database...>", "a database, which need not be there yet, its -wal, -shm or -journal, a file: or sqlite: URL, or a folder of databases")
    .option("--interval <time>", "between two looks at who has it open, 100ms to 1m (500ms); locks are read every 2 ms")
    .option("--for <time>", "end after this time (30s, 5m)")
    .option("--json", "one line of JSON an event, and a summary as the last; no screen")
    .option("--no-color", "no colours")
    .addHelpText("after", WATCH_HELP)
    .action(async (databases: string[], options: import("./commands/watch.ts").WatchOptions) => {
      const { watch } = await import("./commands/watch.ts");
      code = await watch(databases, options);
    });

  program
    .command("stress")
    .description("reproduce 'database is locked' with many writers and readers, measure it, and show what cures it")
    .argument("[database]", "a copy of it is stressed; without one, a throw-away database")
    .option("--writers <number>", "how many write (4)")
    .option("--readers <number>", "how many read (4)")
    .option("--duration <time>", "how long; with --matrix, each combination (10s)")
    .option("--journal-mode <mode>", "wal or delete; otherwise the database's own, or SQLite's usual one (delete)")
    .option("--transaction <kind>", "how writers begin: deferred, immediate or exclusive (deferred)")
    .option("--read-then-write", "writers read first and then write, in one transaction")
    .option("--busy-timeout <time>", "how long each waits for a lock (5s)")
    .option("--hold <time>", "how long each transaction stays open with its work done (0)")
    .option("--think <time>", "how long each pauses between two transactions (0)")
    .option("--rows <number>", "rows that a transaction writes, or reads (1)")
    .option("--threads <number>", "so many connections in each process, in a thread each (1)")
    .option("--matrix", "compare journal modes, kinds of transaction and timeouts: give lists (wal,delete), or leave them out")
    .option("--kill-every <time>", "kill a worker with SIGKILL about that often; another one takes its place")
    .option("--seed <number>", "the same seed has each worker do the same, and kills the same ones")
    .option("--dir <folder>", "where the throw-away database or the copy is put (beside the database, or the temporary folder)")
    .option("--in-place", "stress the file itself, in a table of its own that is dropped at the end; asks first")
    .option("--yes", "with --in-place: ask nothing")
    .option("--json", "print one JSON document instead of text")
    .option("--no-color", "no colours")
    .addHelpText("after", STRESS_HELP)
    .action(async (database: string | undefined, options: import("./commands/stress.ts").StressCommandOptions) => {
      const { stress } = await import("./commands/stress.ts");
      code = await stress(database, options);
    });

  program
    .command("explain")
    .description("say what an error message of SQLite means, what causes it, and what to do")
    .argument("[text...]", "the message, a log or a traceback (- or nothing: standard input); or a code (5, SQLITE_BUSY) or the id of a finding")
    .option("--db <database>", "look at this database as well, and put the cause that shows there first", (path: string, before: string[] = []) => [
      ...before,
      path,
    ])
    .option("--elapsed <time>", "how long it took until it failed (0.02s, 5s, 300ms); otherwise read from the log where it says so")
    .option("--timeout <time>", "the busy timeout of the program; otherwise read from the log, or the library's default")
    .option("--list", "list all messages and findings that it knows")
    .option("--json", "print one JSON document instead of text")
    .option("--no-color", "no colours")
    .addHelpText("after", EXPLAIN_HELP)
    .action(async (text: string[], options: import("./commands/explain.ts").ExplainOptions) => {
      const { explain } = await import("./commands/explain.ts");
      code = await explain(text, options);
    });

  program
    .command("demo")
    .description("make a throw-away database, hold it with two processes, and show what who-holds says of it")
    .action(async () => {
      const { demo } = await import("./commands/demo.ts");
      code = await demo();
    });

  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return usage(error, program, out);
  }
}

const WHO_HOLDS_HELP = `
Columns: PID USER COMMAND STATE ACTIVITY LOCKS HELD BLOCKS HANDLES (the usual ones),
         PPID UID NAME TTY UNIT CONTAINER STARTED IDLE READ-MARK FDS STALE
Exit codes: 0 looked at every path, 1 held (--exit-code, -q) or not free in time (--wait), 2 a path could not be looked at`;

const INTEGRITY_HELP = `
Examples:
  sqlock integrity db.sqlite3
  sqlock integrity --quick --copy /srv/app/db.sqlite3
  sqlock integrity -r /srv/app --reporter junit --output report.xml
Exit codes: 0 all ok, 1 problems found, 2 something was not checked, 130 interrupted`;

const JOURNAL_MODE_HELP = `
Examples:
  sqlock journal-mode db.sqlite3
  sqlock journal-mode db.sqlite3 wal
  sqlock journal-mode --dry-run /srv/app/db.sqlite3 delete
Exit codes: 0 shown, switched, or in that mode already, 1 not switched, 2 it could not be looked at or may not be written, 130 interrupted`;

const KILL_HELP = `
On a terminal: a list to pick from, what will happen, and a question. Without one: --yes, or nobody is signalled.
Examples:
  sqlock kill db.sqlite3
  sqlock kill db.sqlite3 --stale --yes
  sqlock kill db.sqlite3 --pid 4242 --grace 10s
Exit codes: 0 the database is free of those that were picked, 1 some survived, 2 it could not be done, 130 cancelled`;

const WATCH_HELP = `
Examples:
  sqlock watch db.sqlite3
  sqlock watch --for 1m --json /srv/app/db.sqlite3 > locks.jsonl
Keys: q quit, p pause, k kill the selected one, j or the arrow keys to select, ? help
Exit codes: 0 ended by q or --for, 2 it could not be watched, 130 interrupted (the summary is printed all the same)`;

const STRESS_HELP = `
Examples:
  sqlock stress --read-then-write
  sqlock stress --matrix --duration 5s db.sqlite3
Exit codes: 0 nothing was lost (however much was locked), 1 rows lost or duplicated, or the database corrupt: the evidence is kept,
            2 it could not be done, 130 interrupted`;

const EXPLAIN_HELP = `
Examples:
  sqlock explain 'database is locked'
  python3 manage.py migrate 2>&1 | sqlock explain --db db.sqlite3
  sqlock explain --elapsed 0.02s --timeout 5s SQLITE_BUSY
  sqlock explain --db db.sqlite3
Exit codes: 0 explained, 1 nothing recognised, 2 no text, or the database could not be looked at`;

/** Commander's errors in one line; help and version are no errors. */
function usage(error: CommanderError, program: Command, out: (text: string) => void): number {
  if (error.exitCode === 0) return 0;
  if (error.code === "commander.help") {
    out(program.helpInformation());
    return 2;
  }
  const [what = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const nearest = /\(Did you mean (.*)\?\)/.exec(more.join(" "))?.[1];
  throw new UserError("usage", what, nearest === undefined ? "see sqlock --help" : `did you mean ${nearest}?`);
}
