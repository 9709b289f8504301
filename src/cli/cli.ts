/** The command line: what is typed becomes a call, and commander's errors become lines of ours. */
import { existsSync } from "node:fs";
import { CommanderError } from "commander";
import { splitAfter } from "./after.ts";
import { splitBetween } from "./between-option.ts";
import { COMMANDS } from "./descriptions/index.ts";
import { splitPids } from "./pid-option.ts";
import { programOf } from "./program.ts";
import { takenValueError } from "./taken-value.ts";
import { usageError } from "./usage-error.ts";

const COMMAND_NAMES: ReadonlySet<string> = new Set(["help", ...COMMANDS.map(({ name }) => name)]);

/** `argv` is without node and script, `out` takes help and version. @returns the exit code. @throws UserError */
export async function runCli(argv: readonly string[], out: (text: string) => void): Promise<number> {
  const [first = ""] = argv;
  if (first === "--version" || first === "-V") {
    const { versions } = await import("./versions.ts");
    out(await versions());
    return 0;
  }
  const topic = first === "help" ? argv[1] : undefined;
  if (topic === "help") return runCli(["help"], out);
  // the error of an unknown command says that there is none
  if (topic !== undefined && /^[^-]/.test(topic) && !COMMAND_NAMES.has(topic)) return runCli([topic], out);
  let code = 0;
  const { own, after } = splitAfter(argv, COMMANDS);
  const words = splitBetween(splitPids(own));
  const program = programOf(words, (its) => (code = its), out, after);
  try {
    await program.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0; // help was printed
    if (error.code !== "commander.help")
      throw (
        takenValueError(error.code, words, COMMANDS, existsSync) ?? usageError(error, first, COMMAND_NAMES, existsSync)
      );
    program.outputHelp();
    return 2;
  }
}
