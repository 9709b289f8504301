/** The path of a database as a CI names files: relative to the root of the checkout. Pure. */
import { posix } from "node:path";
import type { ReportContext } from "./context.ts";

export interface FileLocation {
  /** Relative to the root, without a leading `./`; null for a file that is not below it. */
  readonly relative: string | null;
  readonly absolute: string;
}

export function locationIn(path: string, { cwd, root }: Pick<ReportContext, "cwd" | "root">): FileLocation {
  const absolute = posix.resolve(cwd, path);
  const relative = posix.relative(posix.resolve(root), absolute);
  const below = relative !== "" && relative !== ".." && !relative.startsWith("../");
  return { relative: below ? relative : null, absolute };
}

/**
 * Every character that may not stand in a path of a URI, `:` and `%` among them, percent-encoded. Half a surrogate pair
 * becomes U+FFFD.
 */
export function uriPath(path: string): string {
  return path.toWellFormed().split("/").map(encodeURIComponent).join("/");
}
