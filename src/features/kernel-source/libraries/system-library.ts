/**
 * The SQLite of this system, which a program that is about to be started will likely load: probed before that, its
 * first statement has a text.
 */
import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { failure } from "../../../proc/read.ts";

const NAME = "libsqlite3.so.0";

/** Where the loader looks, and the folders of an architecture in them. Source: ld.so(8) */
const FOLDERS: readonly string[] = ["/usr/local/lib", "/usr/lib64", "/usr/lib", "/lib64", "/lib"];

/** Real paths. */
export function systemLibraries(): string[] {
  const found = new Set<string>();
  for (const folder of FOLDERS)
    for (const each of [folder, ...architectures(folder)]) {
      try {
        found.add(realpathSync(join(each, NAME)));
      } catch (error) {
        failure(error); // not there
      }
    }
  return [...found];
}

function architectures(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => (name.endsWith("-linux-gnu") ? join(folder, name) : []));
  } catch (error) {
    failure(error);
    return [];
  }
}
