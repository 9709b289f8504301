/** The pages of the help as docs/commands.md. Pure. */
import { type CommandPage, type OptionGroup, sentenceOf, shownOptions } from "../src/cli/page.ts";
import { ROOT_EXIT_CODES } from "../src/cli/root.ts";

export function commandsPage(pages: readonly CommandPage[]): string {
  const blocks = [
    "# Commands",
    "All options of all commands, as `sqlock help <command>` and `man sqlock` have them. Times are written as " +
      "`500ms`, `10s`, `2m` or `1h`; a number alone is seconds. What the commands do, and how: " +
      "[guide.md](guide.md).",
    pages.map(({ name, brief }) => `- [${name}](#${name}): ${cell(brief)}`).join("\n"),
    ...pages.map(section),
    "## Exit codes",
    "The same of every command:",
    table(ROOT_EXIT_CODES.map(({ code, text }) => [String(code), text])),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function section(page: CommandPage): string {
  const { name, arguments: all, groups, more, examples, exitCodes } = page;
  const usage = [
    "sqlock",
    name,
    ...(groups.length === 0 ? [] : ["[options]"]),
    ...all.map((argument) => argument.name),
  ].join(" ");
  return [
    `## ${name}`,
    `\`${usage}\``,
    sentenceOf(page),
    ...(all.length === 0 ? [] : [table(all.map((argument) => [`\`${argument.name}\``, argument.text]))]),
    ...groups.map(group),
    ...more.map(({ title, lines }) => `${title}: ${lines.join(" ")}`),
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
