/** The script for bash 3.2 and later; it needs neither bash-completion nor a start of Node.js at each Tab. Pure. */
import type { CommandDescription } from "../description.ts";
import { choicesOf, type OptionWords, optionsOf, takesDatabase } from "./words.ts";

export function bashScript(commands: readonly CommandDescription[]): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion for sqlock; in ~/.bashrc: eval "$(sqlock completion bash)"

# Databases (recognised by their first bytes) and folders; all files if there are neither.
_sqlock_databases() {
  local given=$1 name magic others=() IFS=$'\\n'
  if [[ $given == "~/"* ]]; then given=$HOME/\${given:2}; fi
  while IFS= read -r name; do
    if [[ $name == -* ]]; then name=./$name; fi
    if [[ -d $name ]]; then
      COMPREPLY+=("$name")
    elif [[ -f $name && -r $name ]]; then
      magic=
      IFS= read -r -n 15 magic 2>/dev/null < "$name"
      if [[ $magic == "SQLite format 3" ]]; then COMPREPLY+=("$name"); else others+=("$name"); fi
    fi
  done < <(compgen -f -- "$given")
  [[ \${#COMPREPLY[@]} -gt 0 || \${#others[@]} -eq 0 ]] || COMPREPLY=("\${others[@]}")
  compopt -o filenames 2>/dev/null
}

_sqlock_words() {
  local IFS=$' \\t\\n'
  COMPREPLY+=($(compgen -W "$1" -- "$2"))
}

_sqlock() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  # bash splits --option=value into three words
  if [[ $cur == "=" ]]; then cur=
  elif [[ $prev == "=" && COMP_CWORD -gt 2 ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  local word rest=
  for word in "\${COMP_WORDS[@]:2:COMP_CWORD-2}"; do if [[ $word == -- ]]; then rest=1; fi; done
  if ((COMP_CWORD == 1)); then
    _sqlock_words ${wordList([...names, "help", "--help", "--version"])} "$cur"
    return
  fi
  case $command in
${commands.map(caseOf).join("\n")}
    help) ((COMP_CWORD == 2)) && _sqlock_words ${wordList(names)} "$cur" ;;
  esac
}

complete -F _sqlock sqlock
`;
}

function caseOf(command: CommandDescription): string {
  const options = optionsOf(command);
  const values = options.filter(({ takesValue }) => takesValue);
  const choices = choicesOf(command);
  const words = options.flatMap(({ short, long }) => [...(short === null ? [] : [`-${short}`]), `--${long}`]);
  const arms = values.map((option) => `        ${namesOf(option)}) ${completionOf(option)}return ;;`);
  const otherwise = argumentsOf(command, choices);
  return `    ${command.name})
      case $prev in
${arms.length === 0 ? "        *) ;;" : arms.join("\n")}
      esac
      if [[ $cur == -* && -z $rest ]]; then
        _sqlock_words ${wordList(words)} "$cur"
      else
        ${otherwise}
      fi
      ;;`;
}

/** An argument with fixed choices comes after the database, if the command takes one. */
function argumentsOf(command: CommandDescription, choices: readonly string[]): string {
  const word = `_sqlock_words ${wordList(choices)} "$cur"`;
  const database = '_sqlock_databases "$cur"';
  if (!takesDatabase(command)) return choices.length === 0 ? ":" : word;
  return choices.length === 0
    ? database
    : `if ((COMP_CWORD == 2)) || [[ $prev == -* ]]; then ${database}; else ${word}; fi`;
}

function namesOf({ short, long }: OptionWords): string {
  return short === null ? `--${long}` : `-${short} | --${long}`;
}

function completionOf({ choices, completes }: OptionWords): string {
  if (choices.length > 0) return `_sqlock_words ${wordList(choices)} "$cur"; `;
  if (completes === "database") return '_sqlock_databases "$cur"; ';
  if (completes === "folder") return "compopt -o dirnames 2>/dev/null; COMPREPLY=(); ";
  return completes === "file" ? "compopt -o default 2>/dev/null; " : "";
}

function wordList(words: readonly string[]): string {
  return `"${words.join(" ")}"`;
}
