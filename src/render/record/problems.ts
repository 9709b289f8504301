/** What went wrong beside the recording, in one line each. Pure. */
import type { CommandProblem } from "../../features/alert/commands.ts";
import type { WriteProblem } from "../../features/record/output-file.ts";
import type { Missing } from "../../features/record/segments/outage.ts";
import { escapeText } from "../../text/escape.ts";
import type { User } from "../../user/user.ts";
import { runProblemText } from "../run-problem.ts";
import { time } from "./words.ts";

const CAUSES: Readonly<Record<string, string | undefined>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EFBIG: "the file may not become larger",
  EIO: "the disk reports an error",
  EROFS: "the file system is read-only now",
  ESTALE: "the file system has lost it",
  ENOENT: "it does not exist any more",
  EACCES: "no permission",
  EPERM: "no permission, or the folder is immutable or append-only (chattr)",
  REMOVED: "its file or folder was deleted, moved or unmounted",
};

export function ownerText(path: string, owner: number): string {
  return `${escapeText(path)} belongs to uid ${owner}, the owner of its folder, who can read it`;
}

/** `user`: of the command after `--`. */
export function terminalRiskText(user: Pick<User, "uid" | "name">): string {
  const name = user.name === null ? `user ${user.uid}` : escapeText(user.name);
  return `the command runs as ${name} at your terminal, where it could type (TIOCSTI): after setsid -w, it could not`;
}

export function writeProblemText({ path, code, bytes }: WriteProblem): string {
  if (code === "REMOVED") return `${escapeText(path)} does not exist any more: ${CAUSES[code]}`;
  const what = bytes === 0 ? "nothing is in it" : "it is complete up to here";
  return `${escapeText(path)} is no longer written: ${CAUSES[code] ?? code}; ${what}, and the recording goes on`;
}

/** `path`: of the folder of a continuous recording, where nothing is written for now. */
export function pausedText({ path, code }: WriteProblem): string {
  return (
    `nothing is written to ${escapeText(path)}: ${CAUSES[code] ?? code}; ` +
    "what happens is missing until it can be written again"
  );
}

export function resumedText(path: string, { fromMs, toMs }: Missing): string {
  return `${escapeText(path)} is written again; ${time(toMs - fromMs)} are missing`;
}

/** At the end. */
export function incompleteText({ path, code, bytes }: WriteProblem): string {
  const what = bytes === 0 ? "has nothing of it" : "has its beginning";
  return `${escapeText(path)} ${what} (${CAUSES[code] ?? code})`;
}

/** Of a folder. */
export function withoutEndText({ path, code }: WriteProblem): string {
  return `${escapeText(path)} does not have its end (${CAUSES[code] ?? code})`;
}

export function hookProblemText(pid: number, problem: CommandProblem): string {
  return runProblemText(`the wait of process ${pid}`, problem);
}
