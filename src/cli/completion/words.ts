/** What the scripts of all shells are made of. Pure. */
import { type ArgumentText, type CommandDescription, type OptionText, shownOptions } from "../description.ts";

export interface OptionWords {
  /** `q`; null where it has none. */
  readonly short: string | null;
  /** `quiet`. */
  readonly long: string;
  readonly text: string;
  /** It takes a value. */
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly completes: OptionText["completes"] | null;
  readonly repeats: boolean;
}

const HELP: OptionText = { flags: "-h, --help", text: "show this help" };

export function optionsOf({ groups }: CommandDescription): OptionWords[] {
  return [...groups.flatMap(shownOptions), HELP].map(wordsOf);
}

function wordsOf({ flags, text, choices = [], completes, collects }: OptionText): OptionWords {
  const [, short, long = "", value] = /^(?:-(\w), )?--([\w-]+)(?: (<.+>))?$/.exec(flags) ?? [];
  return {
    short: short ?? null,
    long,
    text,
    takesValue: value !== undefined,
    choices,
    completes: completes ?? null,
    repeats: collects === true || value?.endsWith("...>") === true,
  };
}

/** Words that stand in the place of an argument: those of `help` are the commands. */
export function choicesOf({ arguments: all }: CommandDescription): string[] {
  return all.flatMap(({ choices }) => choices ?? []);
}

export function takesDatabase({ arguments: all }: CommandDescription): boolean {
  return all.some(({ completes }: ArgumentText) => completes === "database");
}

/** For a shell, in single quotes, as POSIX shells and fish read them when neither a quote nor a backslash is inside. */
export function inQuotes(text: string): string {
  return `'${text.replaceAll("\\", "").replaceAll("'", "’")}'`;
}
