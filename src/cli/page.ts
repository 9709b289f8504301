/**
 * What a person is told of a command: the help, the man page, docs/commands.md and the completion are made of it. Pure.
 */

export interface OptionText {
  /** As commander takes it: `-q, --quiet`, `--wait <time>`, `--no-color`. */
  readonly flags: string;
  readonly text: string;
  /** The values that it takes, for the completion. */
  readonly choices?: readonly string[];
  /** What its value names, for the completion. */
  readonly completes?: "folder" | "file" | "database";
  /** Another name of an option, taken and not shown. */
  readonly hidden?: true;
  /** Each time it is given, one more. */
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

/** Of sqlock itself: under which its commands stand. */
export type CommandGroup = "Look" | "Check" | "Change" | "Reproduce" | "sqlock itself";

export interface CommandPage {
  readonly name: string;
  readonly group: CommandGroup;
  /** A line of the list of commands. */
  readonly brief: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentText[];
  readonly groups: readonly OptionGroup[];
  /** What options do not say: a heading, and paragraphs. */
  readonly more: readonly { readonly title: string; readonly lines: readonly string[] }[];
  readonly examples: readonly Example[];
  readonly exitCodes: readonly ExitCode[];
}

/** The summary as a sentence. */
export function sentenceOf({ summary }: CommandPage): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** Those that are told of. */
export function shownOptions({ options }: OptionGroup): readonly OptionText[] {
  return options.filter(({ hidden }) => hidden !== true);
}

export const OUTPUT = "Output";

export const NO_COLOR: OptionText = { flags: "--no-color", text: "no colours, as with NO_COLOR=1 or through a pipe" };

export const JSON_DOCUMENT: OptionText = { flags: "--json", text: "print one JSON document instead of text" };

/** What a command takes as a database. */
export const DATABASE = "a database, its -wal, -shm or -journal, or a file: or sqlite: URL";
