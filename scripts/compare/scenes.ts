/** What the tools are asked about: real databases, held by real processes. */
import { chmodSync, cpSync, mkdtempSync, realpathSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Holder, spawnHolder } from "../../test/support/hold.ts";
import { ROOT } from "../../test/support/root.ts";

export interface Scene {
  readonly database: string;
  /** Has written, and keeps its transaction open. */
  readonly writer: Holder;
  /** Has read, and keeps its transaction open. */
  readonly reader: Holder;
  /** Has the database open, and does nothing. */
  readonly idle: Holder;
}

/** The folder of all scenes of a comparison, which every user may read, and the processes in them. */
export class Stage {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "sqlock-compare-")));
  readonly #holders: Holder[] = [];
  #scenes = 0;

  constructor() {
    chmodSync(this.folder, 0o755);
  }

  /** A copy of the built program: the checkout may lie in a folder that others may not enter. */
  install(): string {
    for (const part of ["bin", "dist", "package.json"])
      cpSync(join(ROOT, part), join(this.folder, "sqlock", part), { recursive: true });
    return join(this.folder, "sqlock/bin/sqlock.js");
  }

  async connect(database: string, ...statements: readonly string[]): Promise<Holder> {
    const holder = await spawnHolder();
    this.#holders.push(holder);
    await holder.run(`c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None, timeout=0)`);
    for (const sql of statements) await holder.run(`c.execute(${JSON.stringify(sql)}).fetchall()`);
    return holder;
  }

  async scene(mode: "wal" | "delete"): Promise<Scene> {
    const database = join(this.folder, `${this.#scenes++}.sqlite3`);
    const idle = await this.connect(
      database,
      `PRAGMA journal_mode = ${mode}`,
      "CREATE TABLE t (a)",
      "INSERT INTO t VALUES (1)",
      "SELECT * FROM t",
    );
    const reader = await this.connect(database, "BEGIN", "SELECT * FROM t");
    // behind the reader's back
    if (mode === "wal") await idle.run(`for i in range(3): c.execute("INSERT INTO t VALUES (1)")`);
    const writer = await this.connect(database, "BEGIN IMMEDIATE", "INSERT INTO t VALUES (2)");
    return { database, writer, reader, idle };
  }

  /** The file is gone; those who have it open work on, and what they write is lost. */
  async deleted(): Promise<Scene> {
    const scene = await this.scene("delete");
    unlinkSync(scene.database);
    return scene;
  }

  /** RESERVED as an OFD lock, as some drivers for Go take it: the kernel's list of locks names no process. */
  async ofd(): Promise<{ readonly database: string; readonly owner: Holder }> {
    const { database, writer, reader } = await this.scene("delete");
    await writer.run(`c.execute("ROLLBACK")`);
    await reader.run(`c.execute("COMMIT")`);
    const owner = await this.connect(database);
    await owner.run(`fd = os.open(${JSON.stringify(database)}, os.O_RDWR)
fcntl.fcntl(fd, 37, struct.pack("hhqqixxxx", fcntl.F_WRLCK, 0, 1073741825, 1, 0))`); // 37: F_OFD_SETLK
    return { database, owner };
  }

  /** Open for writing, without a lock. */
  async textFile(): Promise<{ readonly file: string; readonly owner: Holder }> {
    const file = join(this.folder, "notes.txt");
    const owner = await spawnHolder();
    this.#holders.push(owner);
    await owner.run(`f = open(${JSON.stringify(file)}, "w")`);
    return { file, owner };
  }

  async end(): Promise<void> {
    await Promise.all(this.#holders.map((holder) => holder.end()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
