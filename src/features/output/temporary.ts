/** Where a file is written until it is complete: beside its place, into which it is then renamed. */
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** The longest part of the name of the file in the name of the temporary one: a name has at most 255 bytes. */
const MAX_NAME_CHARACTERS = 60;

/** Nobody else can have made a file of that name beforehand. */
export function temporaryFor(path: string): string {
  const random = randomBytes(8).toString("hex");
  return join(dirname(path), `.${basename(path).slice(0, MAX_NAME_CHARACTERS)}.${random}.tmp`);
}
