/** The command line: what is typed becomes a call, and commander's errors become lines of ours. */
import { existsSync } from "node:fs";
import { type Command, CommanderError } from "commander";
import { UserError } from "../errors.ts";
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
  const asked = first === "help" ? argv[1] : undefined;
  if (asked !== undefined && /^[^-]/.test(asked) && !KNOWN.has(asked)) return runCli([asked], out); // which says that there is none
  let code = 0;
  const program = programOf(argv, (its) => (code = its), out);
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return usage(error, program, argv);
  }
}

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
  if (nearest !== undefined) throw new UserError("usage", what, `did you mean ${nearest}?`);
  if (error.code === "commander.unknownCommand" && (first.includes("/") || existsSync(first)))
    throw new UserError("usage", what, `to see who holds it: sqlock who-holds ${first}`);
  throw new UserError("usage", what, KNOWN.has(first) ? `see sqlock ${first} --help` : "see sqlock --help");
}
