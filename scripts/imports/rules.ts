/**
 * Who may import what, in src/: docs/architecture.md as a table. Paths are without src/; a folder ends with a slash.
 * Files of one row may import each other.
 */

export interface Rule {
  readonly files: readonly string[];
  /** Beside themselves. `node:*`: all of Node.js; `package:*`: all libraries. */
  readonly imports: readonly string[];
  /** Only as types: nothing of it is loaded. */
  readonly types?: readonly string[];
  /** Not even where a wider entry of `imports` has it. */
  readonly never?: readonly string[];
}

const NODE = "node:*";
const LIBRARIES = "package:*";

/** What reports are made of. */
const MODEL = ["sqlite/", "text/", "model/", "errors.ts"];

const LOOK = [...MODEL, "proc/", "lsof/", "user/", "observe/", "findings/", "inspect/", "time.ts", "version.ts", NODE];

/** A file is judged by the first row that has it. */
export const RULES: readonly Rule[] = [
  { files: ["errors.ts", "time.ts"], imports: [] },
  { files: ["version.ts"], imports: ["../package.json"] },
  { files: ["priority.ts"], imports: ["node:os"] },
  { files: ["terminal.ts"], imports: ["errors.ts", "node:fs", "package:chalk"], types: ["render/style.ts"] },

  { files: ["sqlite/"], imports: [] },
  { files: ["text/"], imports: ["sqlite/", "model/", "errors.ts", "node:path"] },
  // Most of these two are pure parsers; each has a thin reader beside it.
  { files: ["proc/"], imports: ["errors.ts", "time.ts", NODE], types: ["sqlite/"] },
  { files: ["lsof/"], imports: ["errors.ts", NODE, LIBRARIES], types: ["sqlite/"] },
  { files: ["model/"], imports: ["sqlite/", "errors.ts"], types: ["proc/", "lsof/", "user/", "findings/"] },
  // confirm.ts gets its looks as a function, and waits between them.
  { files: ["findings/"], imports: [...MODEL, "time.ts"], types: ["proc/", "lsof/"] },
  { files: ["observe/"], imports: [...MODEL, "proc/", "lsof/", "user/", "time.ts", NODE] },
  { files: ["inspect/"], imports: LOOK },

  // Pure but for one thin reader each.
  { files: ["elf/"], imports: ["errors.ts", NODE] },
  {
    files: ["trace/"],
    imports: ["errors.ts", "time.ts", "priority.ts", "proc/", "recording/source-event.ts", NODE],
    types: ["recording/", "sqlite/"],
  },
  // Events of the kernel in, lines of the recording out. Pure.
  { files: ["recording/"], imports: ["sqlite/", "errors.ts"], types: ["model/"] },

  // Runs in programs that are recorded: nothing else of sqlock is there.
  { files: ["in-program/"], imports: [NODE] },
  { files: ["user/"], imports: [NODE] },
  { files: ["worker/"], imports: ["errors.ts", "sqlite/", "proc/", "user/", NODE, LIBRARIES] },
  { files: ["safe-open/"], imports: [...LOOK, "worker/", LIBRARIES] },
  // Facts become sentences here. Of the features only reports and pure parts: see PURE.
  {
    files: ["render/"],
    imports: [
      ...MODEL,
      "findings/",
      "recording/",
      "features/",
      "version.ts",
      "node:crypto",
      "node:path",
      "node:zlib",
      LIBRARIES,
    ],
    types: ["safe-open/", "proc/", "user/", "trace/"],
  },
  // Runs in a browser, in the pages that sqlock writes. What it shares with their builder loads nothing of Node.js.
  {
    files: ["page/"],
    imports: ["render/page/", "text/"],
    never: ["render/page/collect/", "render/page/report/", "render/page/document.ts"],
  },
  { files: ["prompt/"], imports: [...MODEL, "render/", "terminal.ts", NODE, LIBRARIES] },

  // What stands on the terminal while a command works.
  {
    files: ["features/integrity/progress/bar.ts", "features/stress/bar.ts"],
    imports: ["features/", "render/", "text/", NODE],
  },
  {
    files: ["features/watch/live.ts", "features/watch/screen.ts", "features/watch/kill-selected.ts"],
    imports: [...LOOK, "features/watch/", "render/", "terminal.ts"],
    types: ["features/alert/"],
  },
  {
    files: ["features/"],
    imports: [...LOOK, "priority.ts", "worker/", "safe-open/", "elf/", "trace/", "recording/", LIBRARIES],
    types: ["prompt/"],
  },

  { files: ["commands/"], imports: ["*"], never: ["main.ts", "index.ts"] },
  { files: ["cli/"], imports: ["*"], never: ["main.ts", "index.ts"] },
  { files: ["main.ts"], imports: ["cli/", "errors.ts", "terminal.ts", "text/"] },
  { files: ["index.ts"], imports: [NODE], types: ["model/"] },
];

/** Exports that only some may import. */
export interface Reserved {
  readonly file: string;
  readonly names: readonly string[];
  readonly by: readonly string[];
}

export const RESERVED: readonly Reserved[] = [
  // Only commands print, and the screen of watch.
  { file: "terminal.ts", names: ["writeOut", "offerOut"], by: ["commands/", "prompt/", "main.ts", "features/watch/"] },
];

/** These load nothing that does I/O, directly or through others. */
export const PURE: readonly string[] = ["sqlite/", "text/", "model/", "findings/", "recording/", "render/"];

export const IO: readonly string[] = [
  "node:fs",
  "node:child_process",
  "node:worker_threads",
  "node:os",
  "node:net",
  "package:better-sqlite3",
  "package:execa",
  "package:ps-list",
  "terminal.ts",
];
