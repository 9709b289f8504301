/** commander's commands, made of the pages. */
import { Command, Option } from "commander";
import { paragraph } from "../render/paragraph.ts";
import { widthOfHelp } from "../terminal.ts";
import { ACTIONS } from "./actions.ts";
import { exampleLines, exitCodeLines, type HelpStyle, section } from "./help.ts";
import { type CommandPage, OUTPUT, sentenceOf } from "./page.ts";
import { PAGES } from "./pages/index.ts";
import { DESCRIPTION, ROOT_EXAMPLES, ROOT_EXIT_CODES, VERSION_TEXT } from "./root.ts";

/**
 * `argv` is without node and script; only the command that it names gets its options. `onCode` takes the exit code;
 * `out` takes help.
 */
export function programOf(
  argv: readonly string[],
  onCode: (code: number) => void,
  out: (text: string) => void,
): Command {
  const program = new Command("sqlock")
    .usage("<command> [options] [database...]")
    .description(DESCRIPTION)
    .configureOutput({ writeOut: out, writeErr: () => {}, outputError: () => {}, getOutHelpWidth: widthOfHelp })
    .configureHelp({ styleTitle: bold, minWidthToWrap: 10 })
    .addOption(new Option("-V, --version", VERSION_TEXT).helpGroup("Options:"))
    .exitOverride();
  addHelpOption(program, "Options:");
  for (const page of PAGES) {
    const command = program
      .command(page.name)
      .summary(page.brief)
      .description(sentenceOf(page))
      .helpGroup(`${page.group}:`);
    if (argv.includes(page.name)) describe(command, page, onCode);
  }
  program.addHelpCommand(
    new Command("help").argument("[command]").description("show the help of a command").helpGroup("sqlock itself:"),
  );
  program.addHelpText("after", () => {
    const style = helpStyle();
    return [
      section("Examples", exampleLines(ROOT_EXAMPLES, style), style),
      section("Exit codes", exitCodeLines(ROOT_EXIT_CODES, style), style),
    ].join("\n");
  });
  return program;
}

function describe(command: Command, page: CommandPage, onCode: (code: number) => void): void {
  for (const { name, text } of page.arguments) command.argument(name, text);
  for (const { title, options } of page.groups) {
    for (const { flags, text, collects, hidden } of options) {
      const option = new Option(flags, text).helpGroup(`${title}:`);
      if (hidden === true) option.hideHelp();
      if (collects === true) option.argParser((value: string, all: string[] | undefined) => [...(all ?? []), value]);
      command.addOption(option);
    }
  }
  addHelpOption(command, page.groups.length === 0 ? "Options:" : `${OUTPUT}:`);
  command.addHelpText("after", () => {
    const style = helpStyle();
    return [
      ...page.more.map(({ title, lines }) =>
        section(
          title,
          lines.map((line) => paragraph(`  ${line}`, "  ", style)),
          style,
        ),
      ),
      section("Examples", exampleLines(page.examples, style), style),
      section("Exit codes", exitCodeLines(page.exitCodes, style), style),
    ].join("\n");
  });
  command.action(async (...given: unknown[]) => {
    const action = ACTIONS[page.name];
    if (action === undefined) throw new Error(`nothing to do for ${page.name}`);
    onCode(await action(given.slice(0, page.arguments.length), given[page.arguments.length] as object));
  });
}

function addHelpOption(command: Command, group: string): void {
  command.addHelpOption(new Option("-h, --help", "show this help").helpGroup(group));
}

function helpStyle(): HelpStyle {
  return { width: widthOfHelp(), title: bold };
}

/** commander takes it away again where there are to be no colours. */
function bold(text: string): string {
  return process.getBuiltinModule("node:util").styleText("bold", text, { validateStream: false });
}
