/** Parses an argument that means a database: a path, a `file:` URI, or the URL of a framework. Pure. */

export type Argument =
  /** `literal`: the argument itself, where it may also be the name of a file. */
  | { readonly kind: "path"; readonly path: string; readonly literal: string | null }
  /** A database in the memory of one process, which no other process can see. */
  | { readonly kind: "memory" };

/**
 * Plain paths; SQLite's `file:` URIs; `sqlite:` and `sqlite3:` URLs as in SQLAlchemy, Django, Rails and sqlx, also with
 * a driver (`sqlite+aiosqlite:///…`) or after `jdbc:`. Everything else is a path: this never throws.
 */
export function parseArgument(text: string): Argument {
  if (text === ":memory:") return { kind: "memory" };
  if (/^file:/i.test(text)) return parseFileUri(text, text);
  const url = /^(?:jdbc:)?(sqlite3?)(?:\+[a-z0-9_]+)?:(.*)$/is.exec(text);
  // The scheme sqlite3 is that of Rails: there three slashes mean an absolute path, which in SQLAlchemy takes four.
  if (url?.[2] !== undefined)
    return parseSqliteUrl(
      /^sqlite3$/i.test(url[1] ?? "") ? url[2].replace(/^\/{3}(?!$|[/:?#]|file:)/i, "////") : url[2],
      text,
    );
  return { kind: "path", path: text, literal: null };
}

/** Source: https://www.sqlite.org/uri.html */
function parseFileUri(uri: string, literal: string): Argument {
  const withoutFragment = uri.slice("file:".length).split("#", 1)[0] ?? "";
  const [rawPath = "", query = ""] = splitOnce(withoutFragment, "?");
  if (isMemoryQuery(query)) return { kind: "memory" };
  const authority = /^\/\/([^/]*)(\/.*)?$/s.exec(rawPath);
  const path = decode(authority === null ? rawPath : (authority[2] ?? ""));
  if (path === ":memory:" || path === "") return { kind: "memory" };
  return { kind: "path", path, literal };
}

/**
 * `///rel`, `////abs`, `//rel` (sqlx), `rel`, `:memory:`, or nothing (SQLAlchemy: in memory); also with a `file:` URI.
 */
function parseSqliteUrl(rest: string, literal: string): Argument {
  const afterSlashes = rest.startsWith("///") ? rest.slice(3) : rest.startsWith("//") ? rest.slice(2) : rest;
  const [rawPath = "", query = ""] = splitOnce(afterSlashes.split("#", 1)[0] ?? "", "?");
  if (rawPath === "" || rawPath === ":memory:" || isMemoryQuery(query)) return { kind: "memory" };
  if (/^file:/i.test(rawPath)) return parseFileUri(afterSlashes, literal);
  const path = decode(rawPath);
  return path === "" ? { kind: "memory" } : { kind: "path", path, literal };
}

function isMemoryQuery(query: string): boolean {
  const parameters = new URLSearchParams(query);
  return parameters.get("mode") === "memory" || parameters.get("vfs") === "memdb";
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Percent-decoding that leaves invalid escapes as they are. An escaped NUL ends the text, as in SQLite. */
function decode(text: string): string {
  const decoded = text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes; // not UTF-8
    }
  });
  return decoded.split("\0", 1)[0] ?? "";
}
