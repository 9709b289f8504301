/** The descriptions of the commands as a manual page, in the macros of man(7). Pure. */
import {
  type CommandDescription,
  type Example,
  type ExitCode,
  sectionsOf,
  sentenceOf,
  shownOptions,
} from "../src/cli/description.ts";
import { DESCRIPTION, ROOT_EXAMPLES, ROOT_EXIT_CODES, VERSION_TEXT } from "../src/cli/root.ts";

/** `date` as YYYY-MM-DD: of the version, so that the page is the same whenever it is made. */
export function manPage(
  commands: readonly CommandDescription[],
  { version, date }: { readonly version: string; readonly date: string },
): string {
  const lines = [
    '.\\" Made by npm run docs.',
    `.TH SQLOCK 1 "${date}" "sqlock ${version}" "User Commands"`,
    ".SH NAME",
    `sqlock \\- ${text("see who holds a SQLite database, with which lock, and since when")}`,
    ".SH SYNOPSIS",
    ...commands.flatMap((command) => [`.B sqlock ${text(command.name)}`, ...wordsAfter(command), ".br"]),
    ".B sqlock help",
    "[command]",
    ".SH DESCRIPTION",
    text(DESCRIPTION),
    ".SH COMMANDS",
    ...commands.flatMap(commandLines),
    ".SH OPTIONS",
    ...tagged("-V, --version", VERSION_TEXT),
    ...tagged("-h, --help", "show the help, of sqlock or of a command"),
    ".SH EXIT STATUS",
    ...exitLines(ROOT_EXIT_CODES),
    ".SH ENVIRONMENT",
    ...tagged("NO_COLOR", "not empty: no colours"),
    ...tagged("FORCE_COLOR", "neither 0 nor false: colours also through a pipe"),
    ...tagged("COLUMNS", "how wide the tables are"),
    ...tagged("LC_ALL, LC_CTYPE, LANG", "without UTF-8 in it nothing but ASCII is drawn"),
    ...tagged("TMPDIR", "where private copies and throw-away databases are made"),
    ".SH EXAMPLES",
    ...exampleLines(ROOT_EXAMPLES),
    ".SH SEE ALSO",
    ".BR lsof (8),\n.BR fuser (1),\n.BR lslocks (8),\n.BR sqlite3 (1),\n.BR proc (5)",
  ];
  return `${lines.join("\n")}\n`;
}

/** A line, or none: an empty one would be a gap. */
function wordsAfter({ groups, arguments: all }: CommandDescription): string[] {
  const words = [...(groups.length === 0 ? [] : ["[options]"]), ...all.map(({ name }) => name)].map(text).join(" ");
  return words === "" ? [] : [words];
}

function commandLines(command: CommandDescription): string[] {
  const { name, arguments: all, groups, examples, exitCodes } = command;
  return [
    `.SS ${text(name)}`,
    text(sentenceOf(command)),
    ...all.flatMap((argument) => tagged(argument.name, argument.text)),
    ...groups.flatMap((group) => [
      ".PP",
      `.I ${text(group.title)}`,
      ...shownOptions(group).flatMap((option) => tagged(option.flags, option.text)),
    ]),
    ...sectionsOf(command).flatMap(({ title, lines, terms = [] }) => [
      ".PP",
      `.I ${text(title)}`,
      ...(lines.length === 0 ? [] : [".br", ...lines.map(text)]),
      ...terms.flatMap((term) => tagged(term.name, term.text)),
    ]),
    ".PP",
    ".I Examples",
    ".PP",
    ...exampleLines(examples),
    ".PP",
    ".I Exit status",
    ...exitLines(exitCodes),
  ];
}

function tagged(tag: string, words: string): string[] {
  return [".TP", `.B ${text(tag)}`, text(words)];
}

function exitLines(codes: readonly ExitCode[]): string[] {
  return codes.flatMap(({ code, text: words }) => tagged(String(code), words));
}

function exampleLines(examples: readonly Example[]): string[] {
  return examples.flatMap(({ line, text: words }, i) => [
    ...(i === 0 ? [] : [".PP"]),
    `${text(words)}:`,
    ".PP",
    ".RS 4",
    ".EX",
    text(line),
    ".EE",
    ".RE",
  ]);
}

/** Nothing in it is taken for a request or an escape; hyphens and quotes stay what they are, to be copied. */
function text(words: string): string {
  return words
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("~", "\\(ti")
    .replaceAll("^", "\\(ha")
    .replace(/^\./, "\\&.");
}
