/**
 * One shell for many workers and their folders, which come and go: it ends and removes them where this process is
 * killed. See sentinel.ts.
 */
import type { User } from "../user/user.ts";
import { commandToRemove } from "./remove/command.ts";
import { KILL, PIDS, startShell } from "./sentinel.ts";

/**
 * Lines on standard input: `+ PID` and `- PID`, `+folder COMMAND` and `-folder COMMAND`, where the command removes the
 * folder; any other line dismisses the guard. At the end of the input it kills the processes, waits until they are gone
 * (two seconds at most), and runs the commands, five times where one fails. A command is one word: see
 * {@link wordOf}.
 */
const GUARD = `
pids=" "
folders=" "
while read -r sign what; do
  case $sign in${PIDS}
    +folder) folders="$folders$what " ;;
    -folder) folders="\${folders%%" $what "*} \${folders#*" $what "}" ;;
    *) exit ;;
  esac
done${KILL}
run() {
  rest=$1
  set --
  while [ -n "$rest" ]; do
    word=\${rest%%,*}
    rest=\${rest#"$word"}
    rest=\${rest#,}
    word=$(printf '%b.' "\${word#=}")
    set -- "$@" "\${word%.}"
  done
  for try in 1 2 3 4 5; do "$@" && return; sleep 0.1; done
}
set -f
for folder in $folders; do run "$folder"; done`;

export interface ManyGuard {
  readonly add: (pid: number) => void;
  /** The process has ended: its number may soon be reused. */
  readonly remove: (pid: number) => void;
  /** `user`: whose it is, and who removes it; null: the caller. */
  readonly addFolder: (folder: string, user: User | null) => void;
  /** It is removed. */
  readonly removeFolder: (folder: string, user: User | null) => void;
  /** Settles when the shell is sure to get all of this, whatever ends this process. */
  readonly written: () => Promise<void>;
  /** Nothing is left to do. */
  readonly dismiss: () => void;
}

export function guardOverMany(): ManyGuard {
  const { stdin } = startShell(GUARD, []);
  let last = Promise.resolve();
  const write = (sign: string, what: number | string) => {
    // also called where there is no shell
    if (stdin?.writable === true) last = new Promise((resolve) => stdin.write(`${sign} ${what}\n`, () => resolve()));
  };
  return {
    add: (pid) => write("+", pid),
    remove: (pid) => write("-", pid),
    addFolder: (folder, user) => write("+folder", wordOf(commandToRemove(folder, user))),
    removeFolder: (folder, user) => write("-folder", wordOf(commandToRemove(folder, user))),
    written: () => last,
    dismiss: () => void stdin?.end("done\n"),
  };
}

/** `=ARGUMENT,=ARGUMENT`, with each byte that is not plain as printf(1) reads it: `\0NNN`. */
function wordOf(command: readonly string[]): string {
  return command.map((argument) => `=${Array.from(Buffer.from(argument), byteText).join("")}`).join(",");
}

function byteText(byte: number): string {
  const text = String.fromCharCode(byte);
  return /[\w./-]/.test(text) ? text : `\\0${byte.toString(8).padStart(3, "0")}`;
}
