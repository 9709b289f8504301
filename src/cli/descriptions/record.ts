import { type CommandDescription, DATABASE, NO_COLOR, OUTPUT } from "../description.ts";

export const RECORD: CommandDescription = {
  name: "record",
  group: "Inspect",
  brief: "record every lock, wait and statement: which process waited for which, and why",
  summary: "record which process took which lock, which others waited for it and how long, and with which statements",
  arguments: [
    {
      name: "[database...]",
      text:
        `${DATABASE}, or a folder of databases; a database need not exist yet. Before a command it may be left out: ` +
        "the databases that its programs open are recorded",
      completes: "database",
    },
  ],
  after: "[-- command...]",
  groups: [
    {
      title: "When it ends",
      options: [
        { flags: "--for <time>", text: "stop after this time (30s, 5m)" },
        {
          flags: "--until-wait <time>",
          text: "stop a second after a wait at least this long has ended, and show how it came about",
        },
      ],
    },
    {
      title: "What is recorded",
      options: [
        {
          flags: "--source <name>",
          text:
            "kernel: every lock, from the trace events of Linux; needs root. sampled: what repeated readings of " +
            "/proc/locks show; needs no root. Default: kernel where it is possible",
          choices: ["kernel", "sampled"],
        },
        {
          flags: "--min-wait <time>",
          text: "show waits of at least this length (10ms); the file only counts shorter ones",
        },
        {
          flags: "--sql",
          text: "with --keep: statements, too; each call of SQLite then costs the recorded programs some microseconds",
        },
        {
          flags: "--no-sql",
          text: "locks only: no statements, and less work for the recorded programs",
          excludes: "--sql",
        },
        {
          flags: "--literals",
          text: "keep the values in statements; without it, ? replaces each number, string and blob",
        },
        {
          flags: "--no-call-sites",
          text: "start the command without the tracer for Python and Node.js: no lines of code, no connections",
        },
        {
          flags: "--pid <pid...>",
          text: "show only what these processes do, wait for and block; others are still named as blockers",
        },
        {
          flags: "--unit <unit>",
          text: "the same for the processes of this systemd unit, of the system or your own; may be repeated",
          collects: true,
        },
      ],
    },
    {
      title: "File",
      options: [
        {
          flags: "-o, --output <file>",
          text:
            "write the recording to a new file, readable only by you: one line of JSON for each record; with --keep, " +
            "to files in this folder",
          completes: "file",
        },
        {
          flags: "--keep <time>",
          text:
            "record for days, into a folder (-o): compressed files, of which those go that are older than this (24h, " +
            "7d); locks only, unless --sql is given",
        },
        {
          flags: "--max-size <size>",
          text:
            "size limit of the file (200MB): near it, the oldest half becomes counts; with --keep, of all files in " +
            "the folder: the oldest go",
        },
        { flags: "--force", text: "replace the file if it exists" },
        {
          flags: "--redact",
          text: "leave SQL, arguments of commands and the folders of paths out of the file and the document",
        },
      ],
    },
    {
      title: "In tests",
      options: [
        {
          flags: "--fail-on <what>",
          text:
            "exit with 1, and name the lines of code, if the recording has one of these: warnings, refusals, waits, " +
            "or a pattern such as never-closed or transaction-left-open (docs/testing.md); several with commas between",
        },
      ],
    },
    {
      title: "Alerts",
      options: [
        { flags: "--on-wait <time>", text: "with --run: once for each wait that takes this long" },
        {
          flags: "--run <command>",
          text:
            "run this command with sh -c, as the user who runs sqlock, with the facts in its environment " +
            "(SQLOCK_PID, SQLOCK_WAITER_PID, SQLOCK_WAITED_MS, SQLOCK_SQL ...: docs/recording.md)",
        },
      ],
    },
    {
      title: "The command after --",
      options: [
        {
          flags: "--user <name>",
          text:
            "as root: run the command after -- as this user (name or number), with that user's groups and HOME " +
            "(default: the one who called sudo)",
        },
      ],
    },
    {
      title: OUTPUT,
      options: [{ flags: "--json", text: "print the whole recording as one JSON document at the end" }, NO_COLOR],
    },
  ],
  sections: [
    {
      title: "Command",
      lines: [
        "Everything after -- is a command: sqlock records until it ends, and exits with its exit code. It has the " +
          "terminal and stdout to itself; sqlock writes to stderr and the file. It runs as the user who runs sqlock; " +
          "with sudo, as the one who called sudo, and with none of root's variables (env NAME=VALUE before it gives " +
          "it some). Root itself needs --user; --user root if root is meant.",
      ],
    },
  ],
  examples: [
    { line: "sudo sqlock record db.sqlite3", text: "record until Ctrl-C, then show which process waited for which" },
    {
      line: "sudo sqlock record --until-wait 1s -o /root/night.jsonl /srv/app/db.sqlite3",
      text: "leave it running at night: stop after the first wait of a second or more",
    },
    {
      line: "sudo sqlock record --keep 7d -o /var/lib/sqlock/app /srv/app/db.sqlite3",
      text: "record all the time, and keep the last week",
    },
    {
      line: "sudo sqlock record db.sqlite3 -- python3 import.py",
      text: "record while a command runs",
    },
    {
      line: "sudo sqlock record --user www-data db.sqlite3 -- php import.php",
      text: "record while a command runs as another user",
    },
    {
      line: `sudo sqlock record --on-wait 2s --run 'logger "$SQLOCK_MESSAGE"' db.sqlite3`,
      text: "write a line to the system log for each wait of 2 s or more",
    },
  ],
  exitCodes: [
    {
      code: 0,
      text: "stopped by --for or --until-wait; with a command: the exit code of the command (128 + its signal)",
    },
    { code: 1, text: "the command ended with 0, and --fail-on has found a problem" },
    {
      code: 2,
      text:
        "nothing could be recorded, nothing can be said for --fail-on, the command could not be started, or wrong " +
        "usage",
    },
    { code: 129, text: "ended by SIGHUP: as 130" },
    { code: 130, text: "interrupted: everything recorded is written and shown" },
    { code: 143, text: "ended by SIGTERM: the same" },
  ],
};
