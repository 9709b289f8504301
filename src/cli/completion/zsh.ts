/** The script for zsh: _arguments does the work. Pure. */
import type { ArgumentText, CommandDescription } from "../description.ts";
import { inQuotes, type OptionWords, optionsOf } from "./words.ts";

export function zshScript(commands: readonly CommandDescription[]): string {
  const all = [...commands, { name: "help", brief: "show help for a command" }];
  return `#compdef sqlock
# zsh completion for sqlock; in ~/.zshrc, after compinit: eval "$(sqlock completion zsh)"

# Databases (recognised by their first bytes) and folders; all files if there are neither.
_sqlock_databases() {
  _path_files -/ -g '*(-.e:_sqlock_is_database:)' || _files
}

_sqlock_is_database() {
  local magic
  [[ -r $REPLY ]] && IFS= read -r -k 15 -u 0 magic 2>/dev/null < $REPLY && [[ $magic == "SQLite format 3" ]]
}

_sqlock() {
  local context state line curcontext=$curcontext
  _arguments -C '(- : *)'{-h,--help}'[show the help]' '(- : *)'{-V,--version}'[show the versions]' \\
    '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(
${all.map(({ name, brief }) => `        ${inQuotes(`${name}:${brief}`)}`).join("\n")}
      )
      _describe -t commands command commands
      ;;
    rest)
      curcontext=\${curcontext%:*}-$words[1]:
      case $words[1] in
${commands.map(caseOf).join("\n")}
        help) _arguments '1:command:(${commands.map(({ name }) => name).join(" ")})' ;;
      esac
      ;;
  esac
}

if [[ \${funcstack[1]} == _sqlock ]]; then _sqlock "$@"; else compdef _sqlock sqlock; fi
`;
}

function caseOf(command: CommandDescription): string {
  const lines = [...optionsOf(command).map(optionLine), ...command.arguments.map(argumentLine)];
  return `        ${command.name})
          _arguments -S \\
${lines.map((line) => `            ${line}`).join(" \\\n")}
          ;;`;
}

/** '(-q --quiet)'{-q,--quiet}'[text]:value:action' */
function optionLine(option: OptionWords): string {
  const { short, long, text, takesValue, repeats } = option;
  const help = inQuotes(
    `[${text.replaceAll("[", "(").replaceAll("]", ")").replaceAll(":", "\\:")}]` +
      (takesValue ? `:value:${actionOf(option)}` : ""),
  );
  const names = short === null ? [`--${long}`] : [`-${short}`, `--${long}`];
  const spelled = names.map((name) =>
    takesValue && name.startsWith("--") ? `${name}=` : takesValue ? `${name}+` : name,
  );
  const alternatives = spelled.length === 1 ? `${spelled[0]}` : `{${spelled.join(",")}}`;
  if (repeats) return `'*'${alternatives}${help}`;
  return names.length === 1 ? `${alternatives}${help}` : `'(${names.join(" ")})'${alternatives}${help}`;
}

function actionOf({ choices, completes }: Pick<OptionWords, "choices" | "completes">): string {
  if (choices.length > 0) return `(${choices.join(" ")})`;
  if (completes === "database") return "_sqlock_databases";
  return completes === "folder" ? "_files -/" : completes === "file" ? "_files" : " ";
}

function argumentLine({ name, choices = [], completes }: ArgumentText, i: number): string {
  const place = name.includes("...") ? "*" : `${i + 1}`;
  return inQuotes(`${place}:${name.replace(/[^\w-]/g, "")}:${actionOf({ choices, completes: completes ?? null })}`);
}
