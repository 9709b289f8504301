/**
 * A process that removes the instance and the probes where the recorder cannot: it was killed with SIGKILL, or has
 * crashed. It waits for the end of a pipe whose other end only the recorder has.
 *
 * It is a shell: 1 MB where Node.js would need 40, and its script is its argument, so that no file of the package is
 * needed when it has to act. It runs in its own session and in `/`, ignores signals that a terminal sends, and inherits
 * nothing but that pipe.
 */
import { spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { addOwn } from "../proc/own.ts";

/** $1 tracefs, $2 the name, $3 our own mount, or empty. A line on its input: there is nothing left to remove. */
const SCRIPT = `trap '' HUP INT QUIT TERM TSTP TTIN TTOU
read -r _ && exit 0
events() { sed -n "s|^[pr][0-9]*:\\($2/[^ ]*\\) .*|\\1|p" "$1/uprobe_events"; }
tries=0
while [ $tries -lt 50 ]; do
  tries=$((tries + 1))
  if [ -d "$1/instances/$2" ]; then
    echo 0 > "$1/instances/$2/events/enable"
    rmdir "$1/instances/$2"
  fi
  events "$1" "$2" | while read -r event; do echo "-:$event" >> "$1/uprobe_events"; done
  if [ ! -d "$1/instances/$2" ] && [ -z "$(events "$1" "$2")" ]; then
    [ -z "$3" ] && exit 0
    umount "$3"
    rmdir "$3" && exit 0
  fi
  sleep 0.1 || sleep 1
done`;

export interface Guard {
  readonly pid: number;
  /** Everything is removed: it ends at once. */
  dismiss(): void;
  /** Something is left: it goes on to try, as if the recorder had been killed. */
  leaveToIt(): void;
}

/** Null: it could not be started. */
export function startGuard(tracefs: string, name: string, ownMount: string | null): Guard | null {
  const child = spawn("/bin/sh", ["-c", SCRIPT, "sqlock-guard", tracefs, name, ownMount ?? ""], {
    detached: true,
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.on("error", () => {});
  // undefined where this process has run out of descriptors
  const stdin = child.stdin as (Writable & { unref?: () => void }) | undefined;
  stdin?.on("error", () => {});
  if (child.pid === undefined || stdin === undefined) return null;
  const own = addOwn(child.pid);
  child.once("exit", () => own.forget());
  child.unref();
  stdin.unref?.();
  return {
    pid: child.pid,
    dismiss: () => stdin.end("done\n"),
    leaveToIt: () => stdin.destroy(),
  };
}
