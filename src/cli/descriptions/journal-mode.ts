import { type CommandDescription, DATABASE, JSON_DOCUMENT, NO_COLOR, OUTPUT } from "../description.ts";

export const JOURNAL_MODE: CommandDescription = {
  name: "journal-mode",
  group: "Change",
  brief: "show the journal mode; switch to WAL and back",
  summary: "show the journal mode that a database keeps, who is in the way of a change, and switch it to WAL and back",
  arguments: [
    { name: "<database>", text: DATABASE, completes: "database" },
    { name: "[mode]", text: "wal or delete: switch to it", choices: ["wal", "delete"] },
  ],
  groups: [
    {
      title: "How to switch",
      options: [
        { flags: "--wait <time>", text: "how long to wait for those who are in the way (10s)" },
        { flags: "--dry-run", text: "make every check, say as whom root would switch it, and change nothing" },
        {
          flags: "--force",
          text:
            "go past what speaks against it and might do no harm (a network file system, hard links, a -wal that " +
            "was left)",
        },
      ],
    },
    { title: OUTPUT, options: [JSON_DOCUMENT, NO_COLOR] },
  ],
  sections: [],
  examples: [
    { line: "sqlock journal-mode db.sqlite3", text: "which it is, and whether a switch would go through now" },
    { line: "sqlock journal-mode db.sqlite3 wal", text: "switch to WAL" },
    { line: "sqlock journal-mode --dry-run /srv/app/db.sqlite3 delete", text: "who would be in the way back" },
  ],
  exitCodes: [
    { code: 0, text: "shown, switched, or in that mode already" },
    { code: 1, text: "not switched" },
    { code: 2, text: "it could not be looked at, may not be written, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};
