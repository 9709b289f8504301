/** The Django project of this folder, with a database of its own for each test. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "vitest";
import { type Program, startProgram } from "../../../support/program.ts";
import { pythonWith } from "../../../support/python.ts";
import { tempFolder } from "../../../support/temp.ts";
import { until } from "../../../support/until.ts";

export interface Project {
  readonly database: string;
  /** `manage.py` with these arguments. */
  readonly manage: (...args: readonly string[]) => string[];
  readonly options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
}

/** A migrated project; the test is skipped where there is no Django. `timeout`: of SQLite, in seconds. */
export function newProject(context: TestContext, timeout: number): Project {
  const python = pythonWith(context, "django");
  const database = join(tempFolder(), "db.sqlite3");
  const env = { DATABASE: database, TIMEOUT: String(timeout), PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" };
  const options = { cwd: fileURLToPath(new URL(".", import.meta.url)), env };
  const manage = (...args: readonly string[]) => [python, "manage.py", ...args];
  migrated ??= migrate(python, options.cwd);
  writeFileSync(database, migrated);
  return { database, manage, options };
}

/** Made once, and copied for each test. */
let migrated: Buffer | undefined;

function migrate(python: string, cwd: string): Buffer {
  const database = join(tempFolder(), "db.sqlite3");
  const env = { ...process.env, DATABASE: database, TIMEOUT: "5" };
  execFileSync(python, ["manage.py", "migrate", "--run-syncdb"], { cwd, env, stdio: "pipe" });
  return readFileSync(database);
}

/** A command of it, which logs each statement and how long it took, also of one that failed. */
export function startCommand({ manage, options }: Project, name: string): Program {
  return startProgram(manage(name), { ...options, env: { ...options.env, SQL_LOG: "DEBUG" } });
}

export interface Site {
  readonly server: Program;
  readonly url: string;
}

/** Its development server, when it answers. */
export async function serve({ manage, options }: Project): Promise<Site> {
  const port = await freePort();
  const server = startProgram(manage("runserver", "--noreload", `127.0.0.1:${port}`), options);
  await server.prints(/Quit the server with CONTROL-C/);
  await until("the server listens, which it does after that line", () => answers(port));
  return { server, url: `http://127.0.0.1:${port}` };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
