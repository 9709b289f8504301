import type { CommandDescription } from "../description.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

export const COMPLETION: CommandDescription = {
  name: "completion",
  group: "sqlock itself",
  brief: "the completion for bash, zsh or fish",
  summary: "print the script that completes commands, options and databases in a shell",
  arguments: [{ name: "<shell>", text: "bash, zsh or fish", choices: SHELLS }],
  groups: [],
  sections: [],
  examples: [
    { line: 'eval "$(sqlock completion bash)"', text: "in ~/.bashrc; with zsh in ~/.zshrc, behind compinit" },
    { line: "sqlock completion fish > ~/.config/fish/completions/sqlock.fish", text: "once" },
  ],
  exitCodes: [
    { code: 0, text: "printed" },
    { code: 2, text: "no such shell" },
  ],
};
