/** A real terminal, and what stands on its screen, with its colours: tmux, with a server of its own. */
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { until } from "../../test/support/until.ts";

export interface Shown {
  /** Runs there before the screen is read. */
  readonly command: string;
  readonly folder: string;
  readonly columns: number;
  /** 60 unless told. */
  readonly rows?: number;
  /** What tmux is started through: `["nsenter", …]`. */
  readonly through: readonly string[];
  /** What happens while it runs, from the moment at which the screen has this. */
  readonly during?: { readonly from: RegExp; readonly run: () => Promise<void> };
}

/** The lines on the screen after the command, without empty ones at the end. */
export async function screenOf({ command, folder, columns, rows = 60, through, during }: Shown): Promise<string> {
  const socket = join(folder, "tmux");
  const tmux = (...args: string[]) => {
    const [program = "", ...rest] = [...through, "tmux", "-S", socket, ...args];
    return execFileSync(program, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  };
  // The shell is replaced by `cat` at the end: nothing but what the command printed is on the screen.
  const shell = `printf '$ ${command}\\n'; ${command}; tmux -S ${socket} wait-for -S done; exec cat`;
  tmux("-f", "/dev/null", "-u", "new-session", "-d", "-x", String(columns), "-y", String(rows), "sh", "-c", shell);
  const shown = (text: RegExp) => until(`the screen shows ${text}`, () => text.test(tmux("capture-pane", "-p")));
  try {
    if (during !== undefined) {
      await shown(during.from);
      await during.run();
    }
    tmux("wait-for", "done");
    await shown(/\n./);
    return tmux("capture-pane", "-e", "-p").trimEnd();
  } finally {
    spawnSync(
      through[0] ?? "tmux",
      [...through.slice(1), ...(through.length > 0 ? ["tmux"] : []), "-S", socket, "kill-server"],
      { stdio: "ignore" },
    );
  }
}
