/** The script for fish 3.1 and later. Pure. */
import type { CommandDescription } from "../description.ts";
import { choicesOf, inQuotes, type OptionWords, optionsOf, takesDatabase } from "./words.ts";

export function fishScript(commands: readonly CommandDescription[]): string {
  const all = [...commands, { name: "help", brief: "show help for a command" }];
  return `# fish completion for sqlock; once: sqlock completion fish > ~/.config/fish/completions/sqlock.fish

# Databases (recognised by their first bytes) and folders; all files if there are neither.
function __sqlock_databases
    set -l found
    set -l others
    set -l typed (commandline -ct | string replace -r '^~(?=/)' $HOME | string unescape)
    set -l paths $typed*
    for path in $paths
        string match -q -- '-*' $path; and set path ./$path
        set -l name $path
        string match -q -- '~/*' (commandline -ct); and set name (string replace -- $HOME '~' $name)
        if test -d $path
            set -a found $name/
        else if test -f $path -a -r $path
            and test "$(head -c 15 -- $path 2>/dev/null | string collect)" = "SQLite format 3"
            set -a found $name
        else
            set -a others $name
        end
    end
    if set -q found[1]
        printf '%s\\n' $found
    else
        printf '%s\\n' $others
    end
end

complete -c sqlock -e
complete -c sqlock -f
complete -c sqlock -n __fish_use_subcommand -s h -l help -d 'show the help'
complete -c sqlock -n __fish_use_subcommand -s V -l version -d 'show the versions'
${all.map(commandLine).join("\n")}
complete -c sqlock -n '__fish_seen_subcommand_from help' -a '${commands.map(({ name }) => name).join(" ")}'
${commands.map(linesOf).join("\n")}
`;
}

function commandLine({ name, brief }: Pick<CommandDescription, "name" | "brief">): string {
  return `complete -c sqlock -n __fish_use_subcommand -a ${name} -d ${inQuotes(brief)}`;
}

function linesOf(command: CommandDescription): string {
  const when = `complete -c sqlock -n '__fish_seen_subcommand_from ${command.name}'`;
  const choices = choicesOf(command);
  return [
    ...optionsOf(command).map((option) => `${when} ${optionWords(option)}`),
    ...(choices.length === 0
      ? []
      : [
          `${when.slice(0, -1)}${takesDatabase(command) ? "; and test (count (commandline -opc)) -gt 2" : ""}' -a '` +
            `${choices.join(" ")}'`,
        ]),
    ...(takesDatabase(command)
      ? [
          `${when.slice(0, -1)}${choices.length === 0 ? "" : "; and test (count (commandline -opc)) -le 2"}' -a ` +
            "'(__sqlock_databases)'",
        ]
      : []),
  ].join("\n");
}

function optionWords({ short, long, text, takesValue, choices, completes }: OptionWords): string {
  const value = !takesValue
    ? ""
    : choices.length > 0
      ? ` -x -a '${choices.join(" ")}'`
      : completes === "database"
        ? " -x -a '(__sqlock_databases)'"
        : completes === "folder"
          ? " -x -a '(__fish_complete_directories)'"
          : completes === "file"
            ? " -r -F"
            : " -x";
  return `${short === null ? "" : `-s ${short} `}-l ${long}${value} -d ${inQuotes(text)}`;
}
