/** The descriptions of the commands as a manual page, in the macros of man(7). Pure. */
import {
  type CommandDescription,
  type Example,
  type ExitCode,
  sectionsOf,
  sentenceOf,
  shownOptions,
  usageWords,
} from "../src/cli/description.ts";
import { DESCRIPTION, ROOT_EXAMPLES, ROOT_EXIT_CODES, TROUBLESHOOTING, VERSION_TEXT } from "../src/cli/root.ts";

/** `date`: the release date of the version (YYYY-MM-DD), so that the page does not depend on when it is built. */
export function manPage(
  commands: readonly CommandDescription[],
  { version, date }: { readonly version: string; readonly date: string },
): string {
  const lines = [
    '.\\" Made by npm run docs.',
    `.TH SQLOCK 1 "${date}" "sqlock ${version}" "User Commands"`,
    ".SH NAME",
    `sqlock \\- ${text("show which processes hold a SQLite database, and with which locks")}`,
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
    ...tagged("-h, --help", "show help for sqlock or for a command"),
    ".SH EXIT STATUS",
    ...exitLines(ROOT_EXIT_CODES),
    ".SH ENVIRONMENT",
    ...tagged("NO_COLOR", "if set and not empty, disables colours"),
    ...tagged("FORCE_COLOR", "if set to anything but 0 or false, enables colours even in a pipe"),
    ...tagged("COLUMNS", "width of the tables"),
    ...tagged("LC_ALL, LC_CTYPE, LANG", "if none of them names UTF-8, tables and bars are drawn in ASCII"),
    ...tagged("TMPDIR", "folder for private copies and throw-away databases"),
    ".SH EXAMPLES",
    ...exampleLines(ROOT_EXAMPLES),
    `.SH ${TROUBLESHOOTING.title.toUpperCase()}`,
    `${text(TROUBLESHOOTING.lines.join(" "))} See docs/troubleshooting.md in the folder of the package`,
    `(${text("npm root -g")} prints the folder that contains it).`,
    ".SH SEE ALSO",
    ".BR lsof (8),\n.BR fuser (1),\n.BR lslocks (8),\n.BR sqlite3 (1),\n.BR proc (5)",
  ];
  return `${lines.join("\n")}\n`;
}

/** One line or none: an empty line would print as a gap. */
function wordsAfter(command: CommandDescription): string[] {
  const words = usageWords(command);
  return words === "" ? [] : [text(words)];
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
    text(`${words.charAt(0).toUpperCase()}${words.slice(1)}${words.endsWith("?") ? "" : ":"}`),
    ".PP",
    ".RS 4",
    ".EX",
    text(line),
    ".EE",
    ".RE",
  ]);
}

/** Escapes requests and escapes of troff; hyphens and quotes stay ASCII, so that they can be copied. */
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
