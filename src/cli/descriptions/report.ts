import { type CommandDescription, JSON_DOCUMENT, NO_COLOR, OUTPUT } from "../description.ts";

export const REPORT: CommandDescription = {
  name: "report",
  group: "Inspect",
  brief: "show what a recording has: who held the database at 03:12, and who waited",
  summary: "show what a recording of sqlock record has: all of it, a part, or who held the database at one moment",
  arguments: [
    {
      name: "<recording...>",
      text: "a file of record -o, also compressed with gzip; a folder of record --keep; - for stdin",
      completes: "file",
    },
  ],
  groups: [
    {
      title: "Which time",
      options: [
        {
          flags: "--at <moment>",
          text:
            "who held what at that moment, and who waited: 03:12, 03:12:30.5, 2026-07-01 03:12, yesterday 03:12, " +
            "2h ago; in the time zone of the recording",
        },
        { flags: "--between <from> <to>", text: "only what was between these two times", collects: true },
        { flags: "--last <time>", text: "only the end of the recording (30m, 2h)" },
      ],
    },
    {
      title: "What is listed",
      options: [
        {
          flags: "--process <which>",
          text:
            "only what concerns this process: a PID, a part of its command line, or its systemd unit; may be " +
            "repeated",
          collects: true,
        },
        { flags: "--min-wait <time>", text: "list only waits of at least this length" },
      ],
    },
    {
      title: "Other forms",
      options: [
        { flags: "--html <file>", text: "write a page with a timeline, which needs no network", completes: "file" },
        { flags: "--perfetto <file>", text: "write a trace for ui.perfetto.dev", completes: "file" },
        { flags: "--sqlite <file>", text: "write a database, to be asked with SQL", completes: "file" },
        { flags: "--force", text: "replace the file if it exists" },
        { flags: "--compare <recording>", text: "compare with another recording, made later", completes: "file" },
        { flags: "--advice <framework>", text: "what to change in the settings of this framework" },
      ],
    },
    { title: OUTPUT, options: [JSON_DOCUMENT, NO_COLOR] },
  ],
  sections: [],
  examples: [
    { line: "sqlock report /var/lib/sqlock/app", text: "everything that a folder of record --keep has" },
    { line: "sqlock report --at 03:12 /var/lib/sqlock/app", text: "who held the database at 03:12 last night" },
    { line: "sqlock report --between 03:00 03:30 night.jsonl", text: "half an hour of a recording" },
  ],
  exitCodes: [
    { code: 0, text: "the report is printed; with --at: no process was blocked then" },
    { code: 1, text: "with --at: a process was blocked at that moment" },
    { code: 2, text: "no answer: no recording, a time outside of it, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};
