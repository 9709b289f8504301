/** Where the file of a recording may be made: not in the place of a database, nor of what --force does not name. */
import { lstatSync, type Stats } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { readMountinfo } from "../../proc/mountinfo.ts";
import { valueOr } from "../../proc/read.ts";
import { COMPANIONS } from "../../sqlite/roles.ts";
import { refuseCompanion, refuseDatabase } from "../output/errors.ts";
import { type Destination, destinationOf, type GivenOutput, type OutputPath } from "../output/path.ts";

/**
 * `databases`: their paths, which must not be written to, even if nothing is there yet. `isOwn`: of an existing file,
 * whether sqlock has made it, though it is a database. @throws UserError, or an error of the system
 */
export function placeOfOutput(
  output: GivenOutput,
  force: boolean,
  databases: readonly string[],
  isOwn: (path: string) => boolean = () => false,
): Destination {
  const { option, given } = output;
  const mounts = valueOr(readMountinfo("/proc/self"), []);
  const destination = destinationOf(output, resolve(given), mounts, process.geteuid?.() ?? 0);
  const { target } = destination;
  refuseCompanion(output, target.path);
  if (isOneOf(databases, target))
    throw new UserError("usage", `${option} ${given} is the database itself`, "give another file");
  refuseExisting(output, target, force, isOwn);
  return destination;
}

function refuseExisting(
  output: GivenOutput,
  { stats, path, isOwnDescriptor }: OutputPath,
  force: boolean,
  isOwn: (path: string) => boolean,
): void {
  const { option, given, instead } = output;
  if (stats === null) return;
  if (stats.isDirectory())
    throw new UserError("usage", `${option} ${given} is a folder`, "give the path of a new file in it");
  if (isOwnDescriptor || !stats.isFile())
    throw new UserError("usage", `${option} ${given} is no regular file`, `give the path of a new file, or ${instead}`);
  if (!isOwn(path)) refuseDatabase(output, path);
  if (!force)
    throw new UserError(
      "file-exists",
      `${option} ${given} exists already`,
      "give another name, or --force to replace it",
    );
}

/** Also under another name: a hard link, or another mount of its folder. What is encrypted shows in no other way. */
function isOneOf(databases: readonly string[], { path, stats }: OutputPath): boolean {
  const folder = stats === null ? lstatSync(dirname(path), { throwIfNoEntry: false }) : undefined;
  return databases.some((database) => {
    if (database === path) return true;
    if (stats === null)
      return basename(database) === basename(path) && isSame(lstatSync(dirname(database), NO_ENTRY), folder);
    return ["", ...COMPANIONS.map(({ suffix }) => suffix)].some((suffix) =>
      isSame(lstatSync(database + suffix, NO_ENTRY), stats),
    );
  });
}

const NO_ENTRY = { throwIfNoEntry: false } as const;

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}
