/** What speaks against a switch before it is tried. Pure. */

import type { DatabaseReport, Finding } from "../../model/report.ts";
import { list } from "../../text/list.ts";
import { shellQuoted } from "../../text/shell.ts";
import { size } from "../../text/size.ts";
import type { Access } from "./look.ts";
import type { KeptMode, Obstacle, ObstacleCode } from "./report.ts";

export interface Ground {
  readonly database: DatabaseReport;
  readonly access: Access;
  readonly asRoot: boolean;
}

/** For the -shm, and headers. */
const SPARE_BYTES = 64 * 1024;

/** The gravest first: what no --force goes past, then the rest. */
export function obstaclesOf(ground: Ground, to: KeptMode, force: boolean): Obstacle[] {
  const found = [...rights(ground, to), ...fromFindings(ground.database), ...place(ground, to)];
  return found
    .map((obstacle) => ({ ...obstacle, forced: obstacle.forcible && force }))
    .sort((a, b) => Number(a.forcible) - Number(b.forcible));
}

/** Those that are not gone past. */
export function standing(obstacles: readonly Obstacle[]): Obstacle[] {
  return obstacles.filter(({ forced }) => !forced);
}

/** Rights, and a mount that cannot be written: not even tried, which is another exit code than being refused. */
export function isOfRights({ code }: Obstacle): boolean {
  return code === "not-writable" || code === "read-only-mount";
}

type Found = Omit<Obstacle, "forced">;

function rights({ database, access, asRoot }: Ground, to: KeptMode): Found[] {
  const { path, fileSystem } = database;
  if (fileSystem?.readOnly === true) {
    return [
      {
        code: "read-only-mount",
        message: `${path} lies on a file system that is mounted read-only (${fileSystem.mountPoint})`,
        remedy: "switch it where it can be written, before it is put there",
        forcible: false,
      },
    ];
  }
  if (access.closed.length > 0 && asRoot) {
    const what = list(access.closed);
    return [
      {
        code: "not-writable",
        message: `not even root may write ${what}: it is immutable, likely`,
        remedy: `see lsattr ${shellQuoted(access.closed[0] ?? path)}; chattr -i takes that away`,
        forcible: false,
      },
    ];
  }
  const run = "run it as the user that owns it (sudo -u USER sqlock journal-mode ...), or with sudo";
  if (access.closed.length > 0)
    return [
      { code: "not-writable", message: `no permission to write ${list(access.closed)}`, remedy: run, forcible: false },
    ];
  if (access.folderWritable) return [];
  const files = to === "wal" ? "-wal and -shm" : "a -journal";
  return [
    {
      code: "not-writable",
      message: `no permission to make files in ${access.folder}, where SQLite has to put ${files} beside the database`,
      remedy:
        `let the users of the database write there (chgrp and chmod g+w ${shellQuoted(access.folder)}); as another ` +
        `user, ${run}`,
      forcible: false,
    },
  ];
}

/** Findings that a switch would make worse. */
const GRAVE: Partial<
  Record<Finding["id"], { readonly code: ObstacleCode; readonly forcible: boolean; readonly why: string }>
> = {
  "lost-locks": {
    code: "lost-locks",
    forcible: false,
    why: "a program that works without its locks would go on in the mode of before",
  },
  "mixed-lock-apis": { code: "mixed-lock-apis", forcible: false, why: "SQLite would not see that they are at work" },
  "lock-directory": {
    code: "lock-directory",
    forcible: false,
    why: "who locks in that way is not kept out, and cannot use WAL",
  },
  "wal-from-another-file": {
    code: "wal-from-another-file",
    forcible: false,
    why: "the switch would replay it, or delete it",
  },
  "damaged-wal": { code: "damaged-wal", forcible: false, why: "the switch would cut off what lies behind the damage" },
  "deleted-file": {
    code: "deleted-file",
    forcible: false,
    why: "when that program ends, it deletes files of these names",
  },
  "hard-linked": {
    code: "hard-linked",
    forcible: true,
    why: "programs that use another name would look for other companion files",
  },
  "hot-journal": { code: "hot-journal", forcible: true, why: "the switch would roll it back first" },
  "leftover-wal": { code: "leftover-wal", forcible: true, why: "the switch would copy it back first" },
};

function fromFindings({ findings }: DatabaseReport): Found[] {
  return findings.flatMap(({ id, severity, summary, remedy }) => {
    const grave = GRAVE[id];
    // A script's flock(1) is told, and in nobody's way; beside an empty database the journal or -wal would be deleted.
    if (grave === undefined || (id === "mixed-lock-apis" && severity === "info")) return [];
    const forcible = grave.forcible && severity !== "error";
    const past = forcible ? " If that is what you want: --force." : "";
    return [
      {
        code: grave.code,
        message: `${summary.replace(/\.$/, "")}; ${grave.why}`,
        remedy: `${remedy}${past}`,
        forcible,
      },
    ];
  });
}

function place({ database, access }: Ground, to: KeptMode): Found[] {
  const { fileSystem, path } = database;
  const found: Found[] = [];
  if (isCutOff(database)) {
    const { pageCount, pageSize, sizeBytes } = database;
    found.push({
      code: "cut-off",
      message: `${path} is cut off: its header says ${pageCount} pages of ${pageSize}, and ${sizeBytes} bytes are there`,
      remedy: `restore it; what is left of it: sqlock integrity ${shellQuoted(path)}`,
      forcible: false,
    });
  }
  if (access.fileMounts.length > 0) {
    found.push({
      code: "file-mount",
      message:
        `${path} is mounted by itself, without its folder (${access.fileMounts.join("; ")}): who uses it there has ` +
        "other companion files than who uses it by its own name, and in WAL mode they lose each other's rows",
      remedy:
        "mount the folder, not the file (docker: -v /srv/app:/srv/app); if all programs use that one name: --force",
      forcible: true,
    });
  }
  if (fileSystem?.network === true) {
    const { type, mountPoint } = fileSystem;
    const where = `${path} lies on ${type} (${mountPoint}), a network or FUSE file system`;
    found.push({
      code: "network-file-system",
      message:
        to === "wal"
          ? `${where}: the -shm of WAL mode is memory that only programs of one machine share, and others would ` +
            "corrupt the database"
          : `${where}: programs on other machines that have it open cannot be seen from here, and locks may not ` +
            "reach them",
      remedy:
        "keep the database on a local disk; when only programs of this machine use it" +
        `${to === "wal" ? ", and the file system can share memory between them" : ""}: --force`,
      forcible: true,
    });
  }
  const needed = bytesNeeded(database, to);
  if (access.freeBytes !== null && access.freeBytes < needed) {
    found.push({
      code: "no-space",
      message:
        `the switch needs ${size(needed)} of room, and the file system of ${path} has ${size(access.freeBytes)} ` +
        "free",
      remedy: "make room first",
      forcible: false,
    });
  }
  return found;
}

/** At rest, and shorter than its header says. */
function isCutOff({ pageCount, pageSize, sizeBytes, wal, journal, holders }: DatabaseReport): boolean {
  if (
    pageCount === null ||
    pageSize === null ||
    sizeBytes === null ||
    (wal?.frames ?? 0) > 0 ||
    (journal !== null && journal.hot !== false)
  )
    return false;
  return (
    pageCount * pageSize > sizeBytes && holders.every(({ activity }) => activity === "idle" || activity === "reading")
  );
}

/** A journal of the first pages and a -shm; to leave WAL mode, also what the -wal adds to the database. */
function bytesNeeded({ pageSize, pageCount, sizeBytes }: DatabaseReport, to: KeptMode): number {
  const page = pageSize ?? 4096;
  const growth = to === "delete" ? Math.max(0, (pageCount ?? 0) * page - (sizeBytes ?? 0)) : 0;
  return growth + 4 * page + SPARE_BYTES;
}
