/** docs/commands.md, made from the descriptions of the commands. Pure. */
import {
  type CommandDescription,
  type OptionGroup,
  sectionsOf,
  sentenceOf,
  shownOptions,
  usageWords,
} from "../src/cli/description.ts";
import { ROOT_EXIT_CODES } from "../src/cli/root.ts";

export function commandsMarkdown(commands: readonly CommandDescription[]): string {
  const blocks = [
    "# Commands",
    "All options of all commands, as in `sqlock help <command>` and `man sqlock`. Times are written as `500ms`, " +
      "`10s`, `2m` or `1h`; a number without a unit means seconds. Defaults are in parentheses. How the commands " +
      "behave, with real output: [guide.md](guide.md).",
    commands.map(({ name, brief }) => `- [${name}](#${name}): ${cell(brief)}`).join("\n"),
    ...commands.map(section),
    "## Exit codes",
    "The same for every command:",
    table(ROOT_EXIT_CODES.map(({ code, text }) => [String(code), text])),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function section(command: CommandDescription): string {
  const { name, arguments: all, groups, examples, exitCodes } = command;
  const usage = `sqlock ${name} ${usageWords(command)}`.trimEnd();
  return [
    `## ${name}`,
    `\`${usage}\``,
    sentenceOf(command),
    ...(all.length === 0 ? [] : [table(all.map((argument) => [`\`${argument.name}\``, argument.text]))]),
    ...groups.map(group),
    ...sectionsOf(command).map(({ title, lines, terms = [] }) =>
      [
        `${title}:${lines.length === 0 ? "" : ` ${lines.join(" ")}`}`,
        ...(terms.length === 0 ? [] : [table(terms.map((term) => [`\`${term.name}\``, term.text]))]),
      ].join("\n\n"),
    ),
    `\`\`\`sh\n${examples.map(({ line, text }) => `# ${text}\n${line}`).join("\n")}\n\`\`\``,
    table(exitCodes.map(({ code, text }) => [`exit ${code}`, text])),
  ].join("\n\n");
}

function group(options: OptionGroup): string {
  return `${options.title}:\n\n${table(shownOptions(options).map(({ flags, text }) => [`\`${flags}\``, text]))}`;
}

function table(rows: readonly (readonly string[])[]): string {
  return ["| | |", "|---|---|", ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`)].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
