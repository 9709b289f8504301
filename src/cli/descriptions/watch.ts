import { type CommandDescription, DATABASE, NO_COLOR, OUTPUT } from "../description.ts";

export const WATCH: CommandDescription = {
  name: "watch",
  group: "Inspect",
  brief: "show live which process takes which lock, for how long",
  summary:
    "watch which process takes which lock, and for how long: a live screen on a terminal, otherwise one line per event",
  arguments: [
    {
      name: "<database...>",
      text: `${DATABASE}, or a folder of databases; a database need not exist yet`,
      completes: "database",
    },
  ],
  groups: [
    {
      title: "Source",
      options: [
        {
          flags: "--source <name>",
          text:
            "sampled: readings of /proc/locks (default). kernel: every lock, however short, from the trace events of " +
            "Linux; needs root, and costs the programs that use the database up to a third of their CPU time",
          choices: ["kernel", "sampled"],
        },
      ],
    },
    {
      title: "Timing",
      options: [
        {
          flags: "--interval <time>",
          text: "time between two scans for open handles, 100ms to 1m (500ms); locks are read every 2 ms",
        },
        { flags: "--for <time>", text: "stop after this time (30s, 5m)" },
      ],
    },
    {
      title: "Alerts",
      options: [
        {
          flags: "--alert <time>",
          text: "report once when one process has kept others from reading, writing or committing for this time (5s)",
        },
        {
          flags: "--run <command>",
          text:
            "with --alert: also run this command with sh -c, as the user who runs sqlock, with the facts in its " +
            "environment (SQLOCK_PID, SQLOCK_DATABASE, SQLOCK_LOCK, SQLOCK_HELD_MS ...: docs/alerts.md)",
        },
      ],
    },
    {
      title: OUTPUT,
      options: [
        { flags: "--json", text: "print one line of JSON per event and a summary at the end; no screen" },
        NO_COLOR,
      ],
    },
  ],
  sections: [
    {
      title: "Keys",
      lines: [
        "j and k, or the arrow keys: select a process; x or F9: kill it;",
        "f or Enter: the findings in full; p: pause; ?: help; q: quit",
      ],
    },
  ],
  examples: [
    { line: "sqlock watch db.sqlite3", text: "live screen; q quits" },
    {
      line: "sqlock watch --for 1m --json /srv/app/db.sqlite3 > locks.jsonl",
      text: "record one minute of events for a program",
    },
    {
      line: "sudo sqlock watch --source kernel --for 10s db.sqlite3",
      text: "every lock of ten seconds, counted exactly",
    },
    {
      line: `sqlock watch --alert 5s --run 'echo "$SQLOCK_MESSAGE" >> locks.log' db.sqlite3`,
      text: "append a line to a file when a lock has been held for 5 s",
    },
  ],
  exitCodes: [
    { code: 0, text: "stopped by q or --for" },
    { code: 2, text: "the database could not be watched, or wrong usage" },
    { code: 130, text: "interrupted (the summary is still printed)" },
  ],
};
