/** `sqlock completion`: the completion script for a shell. */

import { bashScript } from "../cli/completion/bash.ts";
import { fishScript } from "../cli/completion/fish.ts";
import { zshScript } from "../cli/completion/zsh.ts";
import { SHELLS } from "../cli/descriptions/completion.ts";
import { COMMANDS } from "../cli/descriptions/index.ts";
import { UserError } from "../errors.ts";
import { writeOut } from "../terminal.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** @throws UserError for any other shell */
export function completion(name: string): number {
  const shell = SHELLS.find((each) => each === name.toLowerCase());
  if (shell === undefined)
    throw new UserError(
      "usage",
      `there is no completion for the shell ${JSON.stringify(name)}`,
      `choose one of ${SHELLS.join(", ")}`,
    );
  writeOut(SCRIPTS[shell](COMMANDS));
  return 0;
}
