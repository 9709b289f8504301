/**
 * The command after `--`, started by root as another user: setpriv(1) becomes the user and then the command itself, so
 * that its pid, its signals and its exit code are those of the command. Node.js drops the user's groups, and cannot
 * execute a program in its own place.
 */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync } from "node:fs";
import { UserError } from "../../errors.ts";
import { readStaysOpen } from "../../proc/fdinfo.ts";
import { readNames, readText, valueOr } from "../../proc/read.ts";
import { hasInheritable } from "../../proc/status.ts";
import { accountOf } from "../../user/account.ts";
import { OWN_SESSION } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import { type Command, type Problem, placesOf, problemOf, refuse, theProblem } from "./command-check.ts";
import { commandEnvironment } from "./command-environment.ts";
import type { Start } from "./command-run.ts";

/** Of util-linux; not from PATH: that may be anybody's. The last is NixOS's. */
const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv", "/run/current-system/sw/bin/setpriv"];

/** Looking at files may take forever on the user's own mount (FUSE). */
const CHECK_LIMIT_MS = 10_000;

/** As that user: what the kernel would say of each file. The first line of a script names its interpreter. */
const CHECK = `set -f
for file do
  if [ -d "$file" ]; then echo folder
  elif [ ! -e "$file" ]; then echo not-found
  elif [ ! -x "$file" ]; then echo not-executable
  else
    line=
    [ -f "$file" ] && [ -r "$file" ] && IFS= read -r line < "$file"
    case $line in
      '#!'*) set -- \${line#??}; [ -x "$1" ] && echo ok || echo interpreter;;
      *) echo ok;;
    esac
  fi 2> /dev/null
done`;

/** How it is started. This process keeps no descriptor that it has inherited. @throws UserError where it cannot be */
export function startAs(command: Command, user: User): Start {
  const env = commandEnvironment(user, accountOf(user), process.env);
  const setpriv = SETPRIV.find((path) => existsSync(path));
  const name = user.name ?? String(user.uid);
  if (setpriv === undefined) throw cannotBecome(name, "there is no /usr/bin/setpriv");
  closeInherited();
  // twice: the first one keeps root's capabilities until it executes something, and could execute what the user may not
  const become: Command = [setpriv, ...optionsOf(user), "--", setpriv, "--"];
  checkAs(become, command, name, env["PATH"] ?? "");
  return { command: [...become, ...command], env };
}

function optionsOf({ uid, gid, name }: User): string[] {
  const groups = name === null ? "--clear-groups" : "--init-groups";
  const status = valueOr(readText("/proc/self/status"), "");
  // only where it is needed: an old setpriv does not know all capabilities of a newer kernel, and refuses
  const capabilities = hasInheritable(status) ? ["--inh-caps=-all"] : [];
  return [`--reuid=${uid}`, `--regid=${gid}`, groups, ...capabilities];
}

/** Node.js closes its own when a program starts, but not all that it has got from who started it. */
function closeInherited(): void {
  for (const name of valueOr(readNames("/proc/self/fd"), []))
    if (Number(name) > 2 && readStaysOpen("/proc/self", name)) closeSync(Number(name));
}

/** Also proves that `become` works here. */
function checkAs([setpriv, ...options]: Command, [program]: Command, user: string, path: string): void {
  const places = placesOf(program, path);
  const { stdout, stderr, status } = spawnSync(setpriv, [...options, "/bin/sh", "-c", CHECK, "sh", ...places], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    timeout: CHECK_LIMIT_MS,
    killSignal: "SIGKILL",
    ...OWN_SESSION,
  });
  const answers = (stdout ?? "").trimEnd().split("\n");
  if (answers.length !== places.length || !answers.every((each) => ANSWERS.has(each)))
    throw cannotBecome(user, (stderr ?? "").trim().split("\n").at(-1) || `no answer (${status ?? "timeout"})`);
  const problems = answers.map((answer, i) => problemAs(answer, places[i] ?? ""));
  refuse(program, theProblem(problems), user);
}

const ANSWERS: ReadonlySet<string> = new Set(["ok", "folder", "not-found", "not-executable", "interpreter"]);

/** What the user does not find, root may. */
function problemAs(answer: string, file: string): Problem | null {
  if (answer === "ok") return null;
  return answer === "not-found" && problemOf(file) !== "not-found" ? "closed" : (answer as Problem);
}

function cannotBecome(user: string, why: string): UserError {
  return new UserError(
    "no-command",
    `the command cannot be started as user ${user} (${why})`,
    "it takes setpriv of util-linux and the rights of root; with --user root, the command can be su or runuser",
  );
}
