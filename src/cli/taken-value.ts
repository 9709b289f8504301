/** `who-holds --wait db.sqlite3`: the option took the database as its value, so that the database is missing. Pure. */
import { UserError } from "../errors.ts";
import { shellQuoted } from "../text/shell.ts";
import type { CommandDescription, OptionText } from "./description.ts";

/** What a value is, by the name that its option gives it, and one that fits. A path fits all others. */
const KINDS: Readonly<Record<string, { readonly what: string; readonly example: string } | undefined>> = {
  time: { what: "a time", example: "30s" },
  list: { what: "a list of columns", example: "PID,LOCKS" },
  number: { what: "a number", example: "10" },
  name: { what: "a name", example: "NAME" },
  size: { what: "a size", example: "200MB" },
};

/**
 * The error of a command line without a database in which a database is the value of an option. `words`: the command
 * and what follows it. Null where there is no such value.
 */
export function takenValueError(
  code: string,
  [command, ...words]: readonly string[],
  commands: readonly Pick<CommandDescription, "name" | "groups">[],
  isFile: (path: string) => boolean,
): UserError | null {
  const options = commands.find(({ name }) => name === command)?.groups.flatMap((group) => group.options) ?? [];
  if (code !== "commander.missingArgument") return null;
  for (const [i, word] of words.entries()) {
    const option = options.find(({ flags }) => flags.split(/[ ,]+/).includes(word));
    const kind = KINDS[/<(\w+)>/.exec(option?.flags ?? "")?.[1] ?? ""];
    const value = words[i + 1];
    if (option === undefined || kind === undefined || value === undefined) continue;
    if (!looksLikeDatabase(value, option, isFile)) continue;
    const example = option.choices?.[0] ?? kind.example;
    return new UserError(
      "usage",
      `${word} needs ${kind.what}, and ${shellQuoted(value)} is not one`,
      `write ${word} ${example} ${shellQuoted(value)}`,
    );
  }
  return null;
}

function looksLikeDatabase(value: string, { choices }: OptionText, isFile: (path: string) => boolean): boolean {
  if (choices?.includes(value) === true || /^\d+(?:\.\d+)?(?:ms|[smh])?$/.test(value)) return false;
  return isFile(value) || value.includes("/") || /\.[a-z]\w*$/i.test(value);
}
