/** `who-holds --wait db.sqlite3`: the option took the database as its value, so that the database is missing. Pure. */
import { UserError } from "../errors.ts";
import { shellQuoted } from "../text/shell.ts";
import type { CommandDescription, OptionText } from "./description.ts";

interface Kind {
  readonly what: string;
  /** A value that fits. */
  readonly example: string;
  /** A database may be such a value; left out where it cannot. */
  readonly fits?: "any-path" | "any-text";
}

/** What a value is, by the name that its option gives it. */
const KINDS: Readonly<Record<string, Kind | undefined>> = {
  time: { what: "a time", example: "30s" },
  list: { what: "a list of columns", example: "PID,LOCKS" },
  number: { what: "a number", example: "10" },
  name: { what: "a name", example: "NAME" },
  size: { what: "a size", example: "200MB" },
  pid: { what: "a process id", example: "4242" },
  file: { what: "file", example: "FILE", fits: "any-path" },
  unit: { what: "unit", example: "UNIT", fits: "any-text" },
  command: { what: "command", example: "COMMAND", fits: "any-text" },
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
    const [flag = "", joined] = /^(--[\w-]+)=(.*)$/s.exec(word)?.slice(1) ?? [word];
    const option = options.find(({ flags }) => flags.split(/[ ,]+/).includes(flag));
    const kind = KINDS[/<(\w+)(?:\.\.\.)?>/.exec(option?.flags ?? "")?.[1] ?? ""];
    const value = joined ?? words[i + 1];
    if (option === undefined || kind === undefined || value === undefined) continue;
    const error = kind.fits === undefined ? unfit(flag, value, option, kind, isFile) : taken(flag, value, kind, isFile);
    if (error !== null) return error;
  }
  return null;
}

function unfit(flag: string, value: string, option: OptionText, { what, example }: Kind, isFile: IsFile) {
  if (!looksLikeDatabase(value, option, isFile)) return null;
  return new UserError(
    "usage",
    `${flag} needs ${what}, and ${shellQuoted(value)} is not one`,
    `write ${flag} ${option.choices?.[0] ?? example} ${shellQuoted(value)}`,
  );
}

/** What a database is called, and nothing else. */
const DATABASE_NAME = /\.(?:db|db3|s3db|sl3|sqlite|sqlite3)$/i;

/** The value may be meant: a file has any name. */
function taken(flag: string, value: string, { what, example, fits }: Kind, isFile: IsFile): UserError | null {
  const isPath = fits === "any-path";
  const isDatabase = DATABASE_NAME.test(value) || (isPath && isFile(value));
  if (!isDatabase && !isPath) return null;
  const quoted = shellQuoted(value);
  return new UserError(
    "usage",
    `the database is missing: ${quoted} was taken as the ${what} of ${flag}`,
    `write ${flag} ${isDatabase ? `${example} ${quoted}` : `${quoted} DATABASE`}`,
  );
}

type IsFile = (path: string) => boolean;

function looksLikeDatabase(value: string, { choices }: OptionText, isFile: IsFile): boolean {
  if (choices?.includes(value) === true || /^\d+(?:\.\d+)?(?:ms|[smh])?$/.test(value)) return false;
  return isFile(value) || value.includes("/") || /\.[a-z]\w*$/i.test(value);
}
