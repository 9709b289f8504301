/** The command line: what is typed becomes a call, and commander's errors become lines of ours. */
import { existsSync } from "node:fs";
import { type Command, CommanderError } from "commander";
import { UserError } from "../errors.ts";
import { shellQuoted } from "../text/shell.ts";
import { PAGES } from "./pages/index.ts";
import { programOf } from "./program.ts";

const KNOWN: ReadonlySet<string> = new Set(["help", ...PAGES.map(({ name }) => name)]);

/** `argv` is without node and script, `out` takes help and version. @returns the exit code. @throws UserError */
export async function runCli(argv: readonly string[], out: (text: string) => void): Promise<number> {
  const [first] = argv;
  if (first === "--version" || first === "-V") {
    const { versions } = await import("./versions.ts");
    out(await versions());
    return 0;
  }
  if (first === "help" && argv[1] === "help") return runCli(["help"], out);
  const asked = first === "help" ? argv[1] : undefined;
  // which says that there is none
  if (asked !== undefined && /^[^-]/.test(asked) && !KNOWN.has(asked)) return runCli([asked], out);
  let code = 0;
  const words = withPidsApart(argv);
  const program = programOf(words, (its) => (code = its), out);
  try {
    await program.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return usage(error, program, argv);
  }
}

/** `--pid 4242 db.sqlite3`: what is no number any more is the database; commander would take it for one more pid. */
function withPidsApart(argv: readonly string[]): string[] {
  let inPids = false;
  let first = true;
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const apart = argv.slice(0, end).flatMap((word) => {
    if (word === "--pid") {
      inPids = true;
      first = true;
      return [];
    }
    if (inPids && (first || /^\d+$/.test(word)) && !word.startsWith("-")) {
      first = false;
      return [`--pid=${word}`];
    }
    const missing = inPids && first;
    inPids = false;
    return missing ? ["--pid", word] : [word];
  });
  return [...apart, ...(inPids && first ? ["--pid"] : []), ...argv.slice(end)];
}

/** Words of other tools, and of habit. */
const MEANT: Readonly<Record<string, string | undefined>> = {
  version: "--version",
  "-v": "--version",
  lsof: "who-holds",
  fuser: "who-holds",
  who: "who-holds",
  status: "who-holds",
  check: "integrity",
  unlock: "kill",
};

/** Nobody is led to these by a slip of the finger. */
const NEVER_NEAREST: ReadonlySet<string> = new Set(["--force", "--yes"]);

/** Commander's errors in one line; help is none. */
function usage(error: CommanderError, program: Command, [first = ""]: readonly string[]): number {
  if (error.exitCode === 0) return 0;
  if (error.code === "commander.help") {
    program.outputHelp();
    return 2;
  }
  const [what = "", ...more] = error.message
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .split("\n");
  const nearest = /\(Did you mean (.*)\?\)/.exec(more.join(" "))?.[1];
  const meant =
    error.code === "commander.unknownCommand" || error.code === "commander.unknownOption" ? MEANT[first] : undefined;
  if (meant !== undefined) throw new UserError("usage", what, `did you mean ${meant}?`);
  if (nearest !== undefined && !NEVER_NEAREST.has(nearest))
    throw new UserError("usage", what, `did you mean ${nearest}?`);
  if (error.code === "commander.unknownCommand" && (first.includes("/") || existsSync(first)))
    throw new UserError("usage", what, `to see who holds it: sqlock who-holds ${shellQuoted(first)}`);
  throw new UserError(
    "usage",
    what,
    KNOWN.has(first)
      ? `see sqlock ${first} --help`
      : first.startsWith("-")
        ? "options come behind a command; see sqlock --help"
        : "see sqlock --help",
  );
}
