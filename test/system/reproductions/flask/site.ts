/** The Flask application of this folder, served by `flask run`. */
import { fileURLToPath } from "node:url";
import type { TestContext } from "vitest";
import { type Program, startProgram } from "../../../support/program.ts";
import { pythonWith } from "../../../support/python.ts";
import { newDatabase } from "../../../support/sqlite.ts";

export interface Site {
  readonly database: string;
  readonly server: Program;
  /** The status of a request. */
  readonly get: (path: string) => Promise<number>;
}

export interface SiteOptions {
  readonly mode?: "delete" | "wal";
  /** How many files it may have open. */
  readonly openFiles?: number;
}

const ANSWER_MS = 30_000;

/** The server when it answers; the test is skipped where there is no Flask or no SQLAlchemy. */
export async function serve(
  context: TestContext,
  { mode = "delete", openFiles = 1024 }: SiteOptions = {},
): Promise<Site> {
  const python = pythonWith(context, "flask", "sqlalchemy");
  const database = await newDatabase(mode);
  const server = startProgram(["sh", "-c", `ulimit -n ${openFiles}; exec "$0" -m flask run -p 0`, python], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: { DATABASE: database, PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" },
  });
  const [, url] = await server.prints(/Running on (http:\/\/[\d.:]+)/);
  const get = async (path: string) => (await fetch(`${url}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) })).status;
  return { database, server, get };
}
