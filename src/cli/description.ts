/** The description of a command: the help, the man page, docs/commands.md and the completion are made from it. Pure. */
import { COMPANIONS } from "../sqlite/roles.ts";
import { alternatives } from "../text/list.ts";

export interface OptionText {
  /** As commander takes it: `-q, --quiet`, `--wait <time>`, `--no-color`. */
  readonly flags: string;
  readonly text: string;
  /** The accepted values, for the completion. */
  readonly choices?: readonly string[];
  /** What kind of thing the value names, for the completion. */
  readonly completes?: "folder" | "file" | "database";
  /** Accepted but not shown: an alias, or an option that sqlock passes to itself. */
  readonly hidden?: true;
  /** The option may be repeated; its values are collected. */
  readonly collects?: true;
  /** Another option that must not be given with it: `--sql`. */
  readonly excludes?: string;
}

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionText[];
}

export interface ArgumentText {
  /** As commander takes it: `<database...>`, `[mode]`. */
  readonly name: string;
  readonly text: string;
  readonly choices?: readonly string[];
  readonly completes?: "database" | "file";
}

export interface Example {
  readonly line: string;
  readonly text: string;
}

export interface ExitCode {
  readonly code: number;
  readonly text: string;
}

/** One entry of a list or table in the help, such as a column. */
export interface HelpTerm {
  readonly name: string;
  readonly text: string;
}

/** Text beyond the options: a heading, then paragraphs, then terms. */
export interface HelpSection {
  readonly title: string;
  readonly lines: readonly string[];
  readonly terms?: readonly HelpTerm[];
}

/** The heading under which the list of commands shows a command. */
export type CommandGroup = "Inspect" | "Check" | "Change" | "Reproduce" | "Setup and help";

export interface CommandDescription {
  readonly name: string;
  readonly group: CommandGroup;
  /** One line in the list of commands. */
  readonly brief: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentText[];
  /** `[-- command...]`: what begins with `--` is not sqlock's, and is given to the action as it is. */
  readonly after?: string;
  readonly groups: readonly OptionGroup[];
  /** A function if they are made from data that only the help and the docs need. */
  readonly sections: readonly HelpSection[] | (() => readonly HelpSection[]);
  readonly examples: readonly Example[];
  readonly exitCodes: readonly ExitCode[];
}

/** `sqlock record [options] <database...>`, without the first two words. */
export function usageWords({ groups, arguments: all, after }: CommandDescription): string {
  const words = [...(groups.length === 0 ? [] : ["[options]"]), ...all.map(({ name }) => name), after ?? ""];
  return words.filter((word) => word !== "").join(" ");
}

export function sectionsOf({ sections }: CommandDescription): readonly HelpSection[] {
  return typeof sections === "function" ? sections() : sections;
}

/** The summary as a sentence. */
export function sentenceOf({ summary }: CommandDescription): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** The options that the help and the docs list. */
export function shownOptions({ options }: OptionGroup): readonly OptionText[] {
  return options.filter(({ hidden }) => hidden !== true);
}

export const OUTPUT = "Output";

export const NO_COLOR: OptionText = { flags: "--no-color", text: "disable colours, as with NO_COLOR=1 or a pipe" };

export const JSON_DOCUMENT: OptionText = { flags: "--json", text: "print one JSON document instead of text" };

const SUFFIXES = alternatives(COMPANIONS.map(({ suffix }) => suffix));

/** The forms in which a command accepts a database. */
export const DATABASE = `a database, its ${SUFFIXES} file, or a file: or sqlite: URL`;
