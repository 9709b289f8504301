import { type CommandDescription, DATABASE, JSON_DOCUMENT, NO_COLOR, OUTPUT } from "../description.ts";

export const JOURNAL_MODE: CommandDescription = {
  name: "journal-mode",
  group: "Change",
  brief: "show the journal mode, or switch to WAL and back",
  summary: "show the journal mode of a database and which processes prevent a change, or switch to WAL and back",
  arguments: [
    { name: "<database>", text: DATABASE, completes: "database" },
    { name: "[mode]", text: "wal or delete: the mode to switch to", choices: ["wal", "delete"] },
  ],
  groups: [
    {
      title: "Behaviour",
      options: [
        { flags: "--wait <time>", text: "maximum wait for the processes that prevent the switch (10s)" },
        { flags: "--dry-run", text: "run every check, show which user root would switch as, and change nothing" },
        {
          flags: "--force",
          text: "override warnings that may be harmless (network file system, hard links, leftover -wal)",
        },
      ],
    },
    { title: OUTPUT, options: [JSON_DOCUMENT, NO_COLOR] },
  ],
  sections: [],
  examples: [
    { line: "sqlock journal-mode db.sqlite3", text: "show the mode, and whether a switch would succeed now" },
    { line: "sqlock journal-mode db.sqlite3 wal", text: "switch to WAL" },
    {
      line: "sqlock journal-mode --dry-run /srv/app/db.sqlite3 delete",
      text: "which processes would prevent the switch back?",
    },
  ],
  exitCodes: [
    { code: 0, text: "shown, switched, or already in that mode" },
    { code: 1, text: "not switched" },
    { code: 2, text: "the database could not be inspected or is not writable, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};
