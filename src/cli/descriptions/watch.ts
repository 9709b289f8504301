import { type CommandDescription, DATABASE, NO_COLOR, OUTPUT } from "../description.ts";

export const WATCH: CommandDescription = {
  name: "watch",
  group: "Look",
  brief: "live: who takes which lock, and for how long",
  summary: "see live who takes which lock, and for how long; a screen on a terminal, else a line an event",
  arguments: [
    {
      name: "<database...>",
      text: `${DATABASE}, which need not be there yet, or a folder of databases`,
      completes: "database",
    },
  ],
  groups: [
    {
      title: "When",
      options: [
        {
          flags: "--interval <time>",
          text: "between two looks at who has it open, 100ms to 1m (500ms); locks are read every 2 ms",
        },
        { flags: "--for <time>", text: "end after this time (30s, 5m)" },
      ],
    },
    {
      title: "Alerts",
      options: [
        {
          flags: "--alert <time>",
          text: "tell once when one process has kept others from reading, writing or committing for this time (5s)",
        },
        {
          flags: "--run <command>",
          text:
            "with --alert: run this by sh -c then, as the user who runs sqlock, with the facts in its environment " +
            "(SQLOCK_PID, SQLOCK_DATABASE, SQLOCK_LOCK, SQLOCK_HELD_MS ...: docs/alerts.md)",
        },
      ],
    },
    {
      title: OUTPUT,
      options: [{ flags: "--json", text: "one line of JSON an event, and a summary as the last; no screen" }, NO_COLOR],
    },
  ],
  sections: [
    {
      title: "Keys",
      lines: [
        "j and k, or the arrow keys: select a process; x or F9: kill it",
        "f or Enter: the findings in full; p: pause; ?: help; q: quit",
      ],
    },
  ],
  examples: [
    { line: "sqlock watch db.sqlite3", text: "a screen, until q" },
    {
      line: "sqlock watch --for 1m --json /srv/app/db.sqlite3 > locks.jsonl",
      text: "a minute of events, for a program",
    },
    {
      line: `sqlock watch --alert 5s --run 'echo "$SQLOCK_MESSAGE" >> locks.log' db.sqlite3`,
      text: "a line in a file whenever a lock is held for 5 s",
    },
  ],
  exitCodes: [
    { code: 0, text: "ended by q or --for" },
    { code: 2, text: "it could not be watched, or wrong usage" },
    { code: 130, text: "interrupted (the summary is printed all the same)" },
  ],
};
