/** The words for what a switch would break or fail on. Pure. */
import type { FileMount } from "../../features/journal-mode/look.ts";
import { type Obstacle, obstacleCode } from "../../features/journal-mode/obstacles.ts";
import type { KeptMode, ObstacleReport } from "../../features/journal-mode/report.ts";
import type { Holder } from "../../model/report.ts";
import { companionsOfMode } from "../../sqlite/roles.ts";
import { nameOf } from "../../text/holder.ts";
import { list } from "../../text/list.ts";
import { asClause } from "../../text/sentence.ts";
import { shellQuoted } from "../../text/shell.ts";
import { size } from "../../text/size.ts";
import { unseenCount } from "../finding.ts";
import { isolationText, NO_USER_REMEDY, noUserText } from "../opener-text.ts";

export function obstacleReport(obstacle: Obstacle): ObstacleReport {
  const { forcible, forced } = obstacle;
  return { code: obstacleCode(obstacle), ...textOf(obstacle), forcible, forced };
}

export function obstacleMessage(obstacle: Obstacle): string {
  return textOf(obstacle).message;
}

const AS_OWNER = "run it as the user that owns it (sudo -u USER sqlock journal-mode ...), or with sudo";

function textOf(obstacle: Obstacle): Pick<ObstacleReport, "message" | "remedy"> {
  switch (obstacle.kind) {
    case "read-only-mount":
      return {
        message: `${obstacle.path} lies on a file system that is mounted read-only (${obstacle.mountPoint})`,
        remedy: "switch it where it can be written, before it is put there",
      };
    case "not-writable": {
      const paths = list(obstacle.paths);
      if (obstacle.immutable)
        return {
          message: `not even root may write ${paths}: it is immutable, likely`,
          remedy: `see lsattr ${shellQuoted(obstacle.paths[0])}; chattr -i takes that away`,
        };
      if (obstacle.asUid === null) return { message: `no permission to write ${paths}`, remedy: AS_OWNER };
      return {
        message: `uid ${obstacle.asUid}, as whom root would switch it, may not write ${paths}`,
        remedy: `let that user write it: see ls -l ${shellQuoted(obstacle.paths[0])}, and lsattr`,
      };
    }
    case "folder-not-writable": {
      const { folder, asUid } = obstacle;
      const who = asUid === null ? "no permission to" : `uid ${asUid}, as whom root would switch it, may not`;
      const other = asUid === null ? `; as another user, ${AS_OWNER}` : "";
      return {
        message: `${who} make files in ${folder}, where SQLite has to put ${filesOf(obstacle.to)} beside the database`,
        remedy: `let the users of the database write there (chgrp and chmod g+w ${shellQuoted(folder)})${other}`,
      };
    }
    case "isolated":
      return { message: isolationText(obstacle.why), remedy: isolationRemedy(obstacle) };
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
      const what = role === "journal" ? `${path} lies there` : `commits lie in ${path}`;
      return {
        message:
          `${what}, and ${unseenCount(unseen)} could not be looked into (${unseen.reason}): one of them ` +
          "may be at work without SQLite's locks (unix-none, unix-dotfile), and would write over the switch",
        remedy: `to see them, ${unseen.remedy}; when you are sure that nobody uses it: --force`,
      };
    }
    case "cut-off":
      return {
        message:
          `${obstacle.path} is cut off: its header says ${obstacle.pageCount} pages of ${obstacle.pageSize}, and ` +
          `${obstacle.sizeBytes} bytes are there`,
        remedy: `restore it; what is left of it: sqlock integrity ${shellQuoted(obstacle.path)}`,
      };
    case "file-mount":
      return {
        message:
          `${obstacle.path} is mounted by itself, without its folder (${obstacle.mounts.map(mountText).join("; ")}): ` +
          "who uses it there has other companion files than who uses it by its own name, and in WAL mode they lose " +
          "each other's rows",
        remedy:
          "mount the folder, not the file (docker: -v /srv/app:/srv/app); if all programs use that one name: --force",
      };
    case "network-file-system":
      return networkText(obstacle);
    case "no-space":
      return {
        message:
          `the switch needs ${size(obstacle.neededBytes)} of room, and the file system of ${obstacle.path} has ` +
          `${size(obstacle.freeBytes)} free`,
        remedy: "make room first",
      };
  }
}

function isolationRemedy({ path, why }: Extract<Obstacle, { kind: "isolated" }>): string {
  if (why.kind === "out-of-reach")
    return `let uid ${why.uid} read it (namei -l ${shellQuoted(why.path)} shows where that ends)`;
  return why.uid !== 0
    ? `switch it as that user: sudo -u '#${why.uid}' sqlock journal-mode, or close the folder to others`
    : `give it to the user who uses it (chown USER ${shellQuoted(path)}), as whom it is switched then`;
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
      : [`${who(writers)} a companion file open to write without SQLite's locks: SQLite would not see that it writes`]),
    ...(foreign.length === 0 ? [] : [`${who(foreign)} a lock that is none of SQLite's, which SQLite does not heed`]),
    ...(foreignUnowned ? ["an unknown process has a lock that is none of SQLite's, which SQLite does not heed"] : []),
  ];
  const remedy =
    writers.length + foreign.length === 0
      ? "look again as root, which can see whose lock it is"
      : "let it finish, or end it in order, and try again";
  return { message: `${clauses.join("; ")}; what it commits meanwhile would be lost`, remedy };
}

/** `4242 (python app.py) has`. */
function who(holders: readonly Holder[]): string {
  return `${list(holders.map(nameOf))} ${holders.length === 1 ? "has" : "have"}`;
}

function networkText({ path, type, mountPoint, to, host }: Extract<Obstacle, { kind: "network-file-system" }>) {
  const where = `${path} lies on ${type} (${mountPoint}), a network or FUSE file system`;
  return to === "wal"
    ? {
        message:
          `${where}: the -shm of WAL mode is memory that only programs of one machine share, and others would ` +
          "corrupt the database",
        remedy:
          "keep the database on a local disk; when only programs of this machine use it, and the file system can " +
          "share memory between them: --force",
      }
    : {
        message:
          `${where}: programs on ${host === true ? "the host" : "other machines"} that have it open cannot be seen ` +
          "from here, and locks may not reach them",
        remedy: "keep the database on a local disk; when only programs of this machine use it: --force",
      };
}
