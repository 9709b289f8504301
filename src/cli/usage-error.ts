/** commander's errors as one line with a hint. Pure. */
import type { CommanderError } from "commander";
import { UserError } from "../errors.ts";
import { shellQuoted } from "../text/shell.ts";

/** Words that users of other tools may type, and the matching command here. */
const SYNONYMS: Readonly<Record<string, string | undefined>> = {
  version: "--version",
  "-v": "--version",
  lsof: "who-holds",
  fuser: "who-holds",
  who: "who-holds",
  status: "who-holds",
  check: "integrity",
  unlock: "kill",
};

/** Options that are never suggested: a typing error must not lead to one of these. */
const NEVER_SUGGESTED: ReadonlySet<string> = new Set(["--force", "--yes"]);

/** `first` is the first word of the command line; `isFile` says whether such a file exists. */
export function usageError(
  error: Pick<CommanderError, "code" | "message">,
  first: string,
  commands: ReadonlySet<string>,
  isFile: (path: string) => boolean,
): UserError {
  const [what = "", ...rest] = error.message
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .split("\n");
  const hint = (text: string) => new UserError("usage", what, text);
  const unknownCommand = error.code === "commander.unknownCommand";
  const synonym = unknownCommand || error.code === "commander.unknownOption" ? SYNONYMS[first] : undefined;
  if (synonym !== undefined) return hint(`did you mean ${synonym}?`);
  const suggestion = /\(Did you mean ([^?]*)\?\)/.exec(rest.join(" "))?.[1];
  if (suggestion !== undefined && !NEVER_SUGGESTED.has(suggestion)) return hint(`did you mean ${suggestion}?`);
  if (unknownCommand && (first.includes("/") || isFile(first)))
    return hint(`to see which processes hold it: sqlock who-holds ${shellQuoted(first)}`);
  if (commands.has(first)) return hint(`see sqlock ${first} --help`);
  return hint(first.startsWith("-") ? "put options after the command; see sqlock --help" : "see sqlock --help");
}
