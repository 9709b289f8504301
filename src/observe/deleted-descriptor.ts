/** A deleted database that is asked for by an open descriptor: `/proc/PID/fd/N`. */

import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DatabaseFile, Target } from "../model/snapshot.ts";
import { isDescriptorPath } from "../proc/descriptor-path.ts";
import type { Mount } from "../proc/mountinfo.ts";
import { failure, linkOf, readNames, valueOr } from "../proc/read.ts";
import { COMPANIONS, type Role } from "../sqlite/roles.ts";
import { fileSystemOf, type IdentifiedFile, identify, toDatabaseFile } from "./identify.ts";
import { DELETED_SUFFIX } from "./target-index.ts";

/** The target of a descriptor whose file has lost its name; null for all other paths. */
export function deletedByDescriptor(givenAs: string, path: string, mounts: readonly Mount[]): Target | null {
  const descriptor = descriptorOf(path);
  const link = descriptor === null ? "" : linkOf(descriptor);
  return descriptor === null || !link.endsWith(DELETED_SUFFIX)
    ? null
    : describeDescriptor(givenAs, descriptor, link.slice(0, -DELETED_SUFFIX.length), mounts);
}

/** As it is now; null where the descriptor was closed. */
export function describeDescriptor(
  givenAs: string,
  descriptor: string,
  path: string,
  mounts: readonly Mount[],
): Target | null {
  const found = identify(descriptor, { follow: true });
  if (found.kind !== "ok" || !found.value.stats.isFile()) return null;
  return {
    givenAs,
    path,
    descriptor,
    files: [
      toDatabaseFile("database", descriptor, found.value, mounts),
      ...companionsBeside(dirname(descriptor), path, mounts),
    ],
    oddCompanions: [],
    fileSystem: fileSystemOf(found.value.mountId, mounts),
    space: null,
    mountOptions: [],
    folder: null,
    lookAs: null,
    wentReadOnly: null,
    lockDirectorySince: null,
  };
}

/** `/proc/self/fd/N`, `/dev/fd/N` and the like as `/proc/PID/fd/N`. */
function descriptorOf(path: string): string | null {
  try {
    const real = join(realpathSync.native(dirname(path)), path.slice(path.lastIndexOf("/") + 1));
    return isDescriptorPath(real) ? real : null;
  } catch (error) {
    failure(error);
    return null;
  }
}

/**
 * What the same process has open under the names of the companion files. Of several files of one name none: which
 * belongs to this database cannot be told.
 */
function companionsBeside(folder: string, path: string, mounts: readonly Mount[]): DatabaseFile[] {
  const roles = new Map<string, Role>(
    COMPANIONS.flatMap(({ role, suffix }) => [
      [path + suffix, role],
      [path + suffix + DELETED_SUFFIX, role],
    ]),
  );
  const links = valueOr(readNames(folder), []).map((name) => {
    const at = `${folder}/${name}`;
    return { at, link: linkOf(at) };
  });
  const hasNewOne = links.some(({ link }) => link === path); // what is not deleted may then be the new database's
  const found = new Map<Role, Map<string, { readonly at: string; readonly file: IdentifiedFile }>>();
  for (const { at, link } of links) {
    const role = roles.get(link);
    if (role === undefined || (hasNewOne && !link.endsWith(DELETED_SUFFIX))) continue;
    const file = identify(at, { follow: true });
    if (file.kind !== "ok" || !file.value.stats.isFile()) continue;
    const files = found.get(role) ?? new Map();
    files.set(`${file.value.stats.dev}:${file.value.stats.ino}`, { at, file: file.value });
    found.set(role, files);
  }
  return [...found].flatMap(([role, files]) => {
    const [only] = files.values();
    return only === undefined || files.size > 1 ? [] : [toDatabaseFile(role, only.at, only.file, mounts)];
  });
}
