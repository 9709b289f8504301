/** commander's commands, made from the descriptions. */
import { join } from "node:path";
import { Command, Option } from "commander";
import { UserError } from "../errors.ts";
import { widthOfHelp } from "../terminal.ts";
import { ACTIONS } from "./actions.ts";
import { type CommandDescription, OUTPUT, sectionsOf, sentenceOf, usageWords } from "./description.ts";
import { COMMANDS } from "./descriptions/index.ts";
import { exampleLines, exitCodeLines, type HelpStyle, section, sectionLines } from "./help.ts";
import { DESCRIPTION, ROOT_EXAMPLES, ROOT_EXIT_CODES, TROUBLESHOOTING, VERSION_TEXT } from "./root.ts";

/** Where it is installed; the file is as deep in the checkout as in the build. */
const TROUBLESHOOTING_PAGE = join(import.meta.dirname, "../../docs/troubleshooting.md");

/**
 * `argv` is without node and script; only the command that it names gets its options. `onCode` takes the exit code;
 * `out` takes help. `after`: what follows a `--` that is not sqlock's; null: there is none.
 */
export function programOf(
  argv: readonly string[],
  onCode: (code: number) => void,
  out: (text: string) => void,
  after: readonly string[] | null = null,
): Command {
  const program = new Command("sqlock")
    .usage("<command> [options] [database...]")
    .description(DESCRIPTION)
    .configureOutput({ writeOut: out, writeErr: () => {}, outputError: () => {}, getOutHelpWidth: widthOfHelp })
    .configureHelp({ styleTitle: bold, minWidthToWrap: 10 })
    .addOption(new Option("-V, --version", VERSION_TEXT).helpGroup("Options:"))
    .exitOverride();
  addHelpOption(program, "Options:");
  for (const description of COMMANDS) {
    const command = program
      .command(description.name)
      .summary(description.brief)
      .description(sentenceOf(description))
      .helpGroup(`${description.group}:`);
    if (argv.includes(description.name)) describe(command, description, onCode, after);
  }
  program.addHelpCommand(
    new Command("help").argument("[command]").description("show help for a command").helpGroup("Setup and help:"),
  );
  program.addHelpText("after", () => {
    const style = helpStyle();
    const { title } = TROUBLESHOOTING;
    return [
      section("Examples", exampleLines(ROOT_EXAMPLES, style), style),
      section("Exit codes", exitCodeLines(ROOT_EXIT_CODES, style), style),
      section(title, [...sectionLines(TROUBLESHOOTING, style), `  ${TROUBLESHOOTING_PAGE}`], style),
    ].join("\n");
  });
  return program;
}

function describe(
  command: Command,
  description: CommandDescription,
  onCode: (code: number) => void,
  after: readonly string[] | null,
): void {
  if (description.after !== undefined) command.usage(usageWords(description));
  for (const { name, text } of description.arguments) command.argument(name, text);
  for (const { title, options } of description.groups) {
    for (const { flags, text, collects, hidden, excludes } of options) {
      const option = new Option(flags, text).helpGroup(`${title}:`);
      if (hidden === true) option.hideHelp();
      if (collects === true) option.argParser((value: string, all: string[] | undefined) => [...(all ?? []), value]);
      command.addOption(option);
      if (excludes !== undefined) refuseBoth(command, flags, excludes);
    }
  }
  addHelpOption(command, description.groups.length === 0 ? "Options:" : `${OUTPUT}:`);
  command.addHelpText("after", () => {
    const style = helpStyle();
    return [
      ...sectionsOf(description).map((each) => section(each.title, sectionLines(each, style), style)),
      section("Examples", exampleLines(description.examples, style), style),
      section("Exit codes", exitCodeLines(description.exitCodes, style), style),
    ].join("\n");
  });
  command.action(async (...given: unknown[]) => {
    const action = ACTIONS[description.name];
    if (action === undefined) throw new Error(`${description.name} has no action`);
    const count = description.arguments.length;
    onCode(await action(given.slice(0, count), given[count] as object, after));
  });
}

/** Two flags of one value: the last one would win without a word. */
function refuseBoth(command: Command, ...flags: readonly [string, string]): void {
  const given = new Set<string>();
  for (const flag of flags) {
    command.on(`option:${flag.replace(/^--/, "")}`, () => {
      given.add(flag);
      if (given.size === flags.length)
        throw new UserError("usage", `${flags[1]} and ${flags[0]} exclude each other`, "leave one of them out");
    });
  }
}

function addHelpOption(command: Command, group: string): void {
  command.addHelpOption(new Option("-h, --help", "show this help").helpGroup(group));
}

function helpStyle(): HelpStyle {
  return { width: widthOfHelp(), title: bold };
}

/** commander removes the bold again where colours are disabled. */
function bold(text: string): string {
  return process.getBuiltinModule("node:util").styleText("bold", text, { validateStream: false });
}
