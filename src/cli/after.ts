/** `record db.sqlite3 -- COMMAND`: where sqlock's own words end. Pure. */
import { UserError } from "../errors.ts";
import type { CommandDescription } from "./description.ts";

export interface SplitWords {
  readonly own: readonly string[];
  /** The words after the first `--`; null where the command takes none, or there is no `--`. */
  readonly after: readonly string[] | null;
}

/** Of other commands everything is sqlock's own: a path that begins with a dash stands after `--`. @throws UserError */
export function splitAfter(
  argv: readonly string[],
  commands: readonly Pick<CommandDescription, "name" | "after">[],
): SplitWords {
  const command = commands.find(({ name }) => name === argv[0]);
  const at = argv.indexOf("--");
  if (command?.after === undefined || at < 0) return { own: argv, after: null };
  const after = argv.slice(at + 1);
  if (after.length === 0 || after[0] === "")
    throw new UserError(
      "usage",
      "there is no command after --",
      `write it as: sqlock ${command.name} db.sqlite3 -- COMMAND (a database whose name begins with a dash: ./-name)`,
    );
  return { own: argv.slice(0, at), after };
}
