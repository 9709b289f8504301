import type { CommandDescription } from "../description.ts";

export const DEMO: CommandDescription = {
  name: "demo",
  group: "Reproduce",
  brief: "see who-holds at work on a throw-away database",
  summary: "make a throw-away database, hold it with two processes, and show what who-holds says of it",
  arguments: [],
  groups: [],
  sections: [],
  examples: [
    { line: "sqlock demo", text: "what a writer and a reader in the way look like" },
    { line: "NO_COLOR=1 sqlock demo | less", text: "the same, page by page" },
  ],
  exitCodes: [
    { code: 0, text: "shown" },
    { code: 2, text: "it could not be shown" },
    { code: 130, text: "interrupted" },
  ],
};
