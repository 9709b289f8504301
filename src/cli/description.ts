/** The description of a command: the help, the man page, docs/commands.md and the completion are made from it. Pure. */
import { COMPANIONS } from "../sqlite/roles.ts";
import { alternatives } from "../text/list.ts";

export interface OptionText {
  /** As commander takes it: `-q, --quiet`, `--wait <time>`, `--no-color`. */
  readonly flags: string;
  readonly text: string;
  /** The values that it takes, for the completion. */
  readonly choices?: readonly string[];
  /** What its value names, for the completion. */
  readonly completes?: "folder" | "file" | "database";
  /** Another name of an option, or one for sqlock itself: taken and not shown. */
  readonly hidden?: true;
  /** It may be given several times; its values are collected. */
  readonly collects?: true;
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
  readonly completes?: "database";
}

export interface Example {
  readonly line: string;
  readonly text: string;
}

export interface ExitCode {
  readonly code: number;
  readonly text: string;
}

/** What a list or a table of the help explains: a column, by its name. */
export interface HelpTerm {
  readonly name: string;
  readonly text: string;
}

/** What the options do not say: a heading, then paragraphs, then terms. */
export interface HelpSection {
  readonly title: string;
  readonly lines: readonly string[];
  readonly terms?: readonly HelpTerm[];
}

/** The heading of the list of commands under which a command stands. */
export type CommandGroup = "Look" | "Check" | "Change" | "Reproduce" | "sqlock itself";

export interface CommandDescription {
  readonly name: string;
  readonly group: CommandGroup;
  /** A line of the list of commands. */
  readonly brief: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentText[];
  readonly groups: readonly OptionGroup[];
  /** A function where they are made from data that only help and docs need. */
  readonly sections: readonly HelpSection[] | (() => readonly HelpSection[]);
  readonly examples: readonly Example[];
  readonly exitCodes: readonly ExitCode[];
}

export function sectionsOf({ sections }: CommandDescription): readonly HelpSection[] {
  return typeof sections === "function" ? sections() : sections;
}

/** The summary as a sentence. */
export function sentenceOf({ summary }: CommandDescription): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** Those that help and docs list. */
export function shownOptions({ options }: OptionGroup): readonly OptionText[] {
  return options.filter(({ hidden }) => hidden !== true);
}

export const OUTPUT = "Output";

export const NO_COLOR: OptionText = { flags: "--no-color", text: "no colours, as with NO_COLOR=1 or through a pipe" };

export const JSON_DOCUMENT: OptionText = { flags: "--json", text: "print one JSON document instead of text" };

const SUFFIXES = alternatives(COMPANIONS.map(({ suffix }) => suffix));

/** What a command takes as a database. */
export const DATABASE = `a database, its ${SUFFIXES}, or a file: or sqlite: URL`;
