import type { CommandDescription } from "../description.ts";

export const DEMO: CommandDescription = {
  name: "demo",
  group: "Reproduce",
  brief: "show who-holds at work on a throw-away database",
  summary: "create a throw-away database, lock it from two processes, and show what who-holds reports",
  arguments: [],
  groups: [],
  sections: [],
  examples: [
    { line: "sqlock demo", text: "see a blocking writer and a blocking reader" },
    { line: "NO_COLOR=1 sqlock demo | less", text: "the same, one page at a time" },
  ],
  exitCodes: [
    { code: 0, text: "the demonstration ran" },
    { code: 2, text: "the demonstration could not run" },
    { code: 130, text: "interrupted" },
  ],
};
