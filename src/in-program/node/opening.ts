/** What the name that a program opens means: a file, memory, a URI. */
import { resolve } from "node:path";

/** @param hasUris whether the driver takes "file:" for one */
export function opened(
  name: string,
  hasUris: boolean,
): { readonly path: string | null; readonly memory: string | null } {
  if (name === "" || name === ":memory:") return { path: null, memory: null };
  if (!hasUris || !/^file:/i.test(name)) return { path: resolve(name), memory: null };
  const [, path = "", query = ""] = /^file:(?:\/\/(?:localhost)?(?=\/))?([^?#]*)(?:\?([^#]*))?/i.exec(name) ?? [];
  const decoded = decode(path);
  const isShared = /(?:^|&)cache=shared(?:&|$)/.test(query);
  if (decoded === ":memory:" || decoded === "" || /(?:^|&)mode=memory(?:&|$)/.test(query)) {
    return { path: null, memory: isShared && decoded !== "" ? decoded : null };
  }
  return { path: resolve(decoded), memory: null };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
