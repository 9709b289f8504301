/** The words for what a switch would break or fail on. Pure. */
import type { FileMount } from "../../features/journal-mode/look.ts";
import { type Obstacle, obstacleCode } from "../../features/journal-mode/obstacles.ts";
import type { KeptMode, ObstacleReport } from "../../features/journal-mode/report.ts";
import type { Holder } from "../../model/report.ts";
import type { Viewer } from "../../model/viewer.ts";
import { companionsOfMode } from "../../sqlite/roles.ts";
import { asPermitted, asUser } from "../../text/as-root.ts";
import { nameOf } from "../../text/holder.ts";
import { list } from "../../text/list.ts";
import { asClause } from "../../text/sentence.ts";
import { shellQuoted } from "../../text/shell.ts";
import { size } from "../../text/size.ts";
import { unseenCount } from "../../text/unseen.ts";
import { isolationText, NO_USER_REMEDY, noUserText } from "../opener-text.ts";

/** The switch that was asked for, and by whom: for the command with which another user can do it. */
export interface Asked {
  readonly path: string;
  readonly to: KeptMode;
  readonly viewer: Viewer;
}

export function obstacleReport(obstacle: Obstacle, asked: Asked): ObstacleReport {
  const { forcible, forced } = obstacle;
  return { code: obstacleCode(obstacle), ...textOf(obstacle, asked), forcible, forced };
}

/** Which user asks does not matter to it. */
export function obstacleMessage(obstacle: Obstacle): string {
  return textOf(obstacle, { path: "", to: "wal", viewer: { uid: null } }).message;
}

function switchCommand({ path, to }: Asked): string {
  return `sqlock journal-mode ${shellQuoted(path)} ${to}`;
}

function textOf(obstacle: Obstacle, asked: Asked): Pick<ObstacleReport, "message" | "remedy"> {
  switch (obstacle.kind) {
    case "read-only-mount":
      return {
        message: `${obstacle.path} is on a file system that is mounted read-only (${obstacle.mountPoint})`,
        remedy: "switch it where it can be written, before it is copied there",
      };
    case "not-writable": {
      const paths = list(obstacle.paths);
      if (obstacle.immutable)
        return {
          message: `not even root can write to ${paths}: it is likely immutable`,
          remedy: `see lsattr ${shellQuoted(obstacle.paths[0])}; chattr -i makes it mutable`,
        };
      if (obstacle.asUid === null)
        return {
          message: `no permission to write to ${paths}`,
          remedy: asPermitted(switchCommand(asked), asked.viewer),
        };
      return {
        message: `uid ${obstacle.asUid}, which root would switch it as, cannot write to ${paths}`,
        remedy: `let that user write to it: see ls -l ${shellQuoted(obstacle.paths[0])}, and lsattr`,
      };
    }
    case "folder-not-writable": {
      const { folder, asUid } = obstacle;
      const who = asUid === null ? "no permission to" : `uid ${asUid}, which root would switch it as, cannot`;
      const other = asUid === null ? `; or ${asPermitted(switchCommand(asked), asked.viewer)}` : "";
      return {
        message: `${who} create files in ${folder}, where SQLite needs ${filesOf(obstacle.to)} beside the database`,
        remedy: `let the users of the database write to it (chgrp and chmod g+w ${shellQuoted(folder)})${other}`,
      };
    }
    case "isolated":
      return { message: isolationText(obstacle.why), remedy: isolationRemedy(obstacle, asked) };
    case "no-user":
      return { message: noUserText(obstacle.actor), remedy: NO_USER_REMEDY };
    case "hard-linked-companion": {
      const { path, links, mountPoint } = obstacle;
      return {
        message:
          `${path} has ${links} names (hard links), one of which may be another user's file: SQLite would write ` +
          "to it",
        remedy: `see which: find ${shellQuoted(mountPoint)} -xdev -samefile ${shellQuoted(path)}`,
      };
    }
    case "finding": {
      const { summary, remedy } = obstacle.finding;
      return {
        message: `${asClause(summary)}; ${obstacle.why}`,
        remedy: obstacle.forcible ? `${remedy}\nIf that is what you want: --force.` : remedy,
      };
    }
    case "other-locking":
      return otherLockingText(obstacle);
    case "unseen": {
      const { path, role, unseen } = obstacle;
      const what = role === "journal" ? `${path} exists` : `there are commits in ${path}`;
      return {
        message:
          `${what}, and ${unseenCount(unseen)} could not be inspected (${unseen.reason}): one of them ` +
          "may work without SQLite's locks (unix-none, unix-dotfile), and would overwrite the switch",
        remedy: `to see them, ${unseen.remedy}; when you are sure that no process uses it: --force`,
      };
    }
    case "cut-off":
      return {
        message:
          `${obstacle.path} is truncated: its header says ${obstacle.pageCount} pages of ` +
          `${obstacle.pageSize}, but it ` +
          `has ${obstacle.sizeBytes} bytes`,
        remedy: `restore it; to see what is left of it: sqlock integrity ${shellQuoted(obstacle.path)}`,
      };
    case "file-mount":
      return {
        message:
          `${obstacle.path} is mounted without its folder (${obstacle.mounts.map(mountText).join("; ")}): ` +
          `processes that ` +
          "use it there have other companion files than processes that use it by its own name, and in WAL mode they " +
          "lose each other's rows",
        remedy:
          "mount the folder, not the file (docker: -v /srv/app:/srv/app); if all programs use the same name: --force",
      };
    case "network-file-system":
      return networkText(obstacle);
    case "no-space":
      return {
        message:
          `the switch needs ${size(obstacle.neededBytes)} of disk space, but the file system of ${obstacle.path} has ` +
          `${size(obstacle.freeBytes)} free`,
        remedy: "free disk space first",
      };
  }
}

function isolationRemedy({ path, why }: Extract<Obstacle, { kind: "isolated" }>, asked: Asked): string {
  if (why.kind === "out-of-reach")
    return `let uid ${why.uid} read it (namei -l ${shellQuoted(why.path)} shows where it is refused)`;
  return why.uid !== 0
    ? `switch it as that user: ${asUser(why.uid, switchCommand(asked), asked.viewer)}, or close the folder to others`
    : `give it to the user that uses it (chown -h USER ${shellQuoted(path)}); then it is switched as that user`;
}

/** `a -journal`, `-wal and -shm`: what SQLite makes in that mode. */
function filesOf(mode: KeptMode): string {
  const suffixes = companionsOfMode(mode === "wal" ? "wal" : "rollback").map(({ suffix }) => suffix);
  return suffixes.length === 1 ? `a ${suffixes[0]}` : list(suffixes);
}

function mountText({ pid, mountPoint }: FileMount): string {
  return pid === null ? `here: ${mountPoint}` : `for ${pid}: ${mountPoint}`;
}

function otherLockingText({ writers, foreign, foreignUnowned }: Extract<Obstacle, { kind: "other-locking" }>) {
  const clauses = [
    ...(writers.length === 0
      ? []
      : [
          `${who(writers)} a companion file open for writing without SQLite's locks: SQLite would not ` +
            `notice its writes`,
        ]),
    ...(foreign.length === 0 ? [] : [`${who(foreign)} a lock that is not one of SQLite's, and that SQLite ignores`]),
    ...(foreignUnowned ? ["an unknown process has a lock that is not one of SQLite's, and that SQLite ignores"] : []),
  ];
  const remedy =
    writers.length + foreign.length === 0
      ? "look again as root, which can see which process holds the lock"
      : "let it finish, or stop it cleanly, and try again";
  return { message: `${clauses.join("; ")}; its commits during the switch would be lost`, remedy };
}

/** `4242 (python app.py) has`. */
function who(holders: readonly Holder[]): string {
  return `${list(holders.map(nameOf))} ${holders.length === 1 ? "has" : "have"}`;
}

function networkText({ path, type, mountPoint, to, host }: Extract<Obstacle, { kind: "network-file-system" }>) {
  const where = `${path} is on ${type} (${mountPoint}), a network or FUSE file system`;
  return to === "wal"
    ? {
        message:
          `${where}: the -shm of WAL mode is memory that only programs on one machine share: programs on other ` +
          "machines would corrupt the database",
        remedy:
          "keep the database on a local disk; if only programs on this machine use it, and the file system can " +
          "share memory between them: --force",
      }
    : {
        message:
          `${where}: programs on ${host === true ? "the host" : "other machines"} that have it open cannot be seen ` +
          "from here, and locks may not reach them",
        remedy: "keep the database on a local disk; if only programs on this machine use it: --force",
      };
}
