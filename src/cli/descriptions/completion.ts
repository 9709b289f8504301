import type { CommandDescription } from "../description.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

export const COMPLETION: CommandDescription = {
  name: "completion",
  group: "Setup and help",
  brief: "print the completion script for bash, zsh or fish",
  summary: "print a shell script that completes commands, options and database names",
  arguments: [{ name: "<shell>", text: "bash, zsh or fish", choices: SHELLS }],
  groups: [],
  sections: [],
  examples: [
    {
      line: 'eval "$(sqlock completion bash)"',
      text: "bash: add this line to ~/.bashrc; zsh: the same with zsh, in ~/.zshrc after compinit",
    },
    { line: "sqlock completion fish > ~/.config/fish/completions/sqlock.fish", text: "fish: run this once" },
  ],
  exitCodes: [
    { code: 0, text: "the script was printed" },
    { code: 2, text: "no completion for this shell" },
  ],
};
