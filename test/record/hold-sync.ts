/** Holds a program in the fsync of one of its files: test/record/programs/hold-sync.c. */
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/root.ts";
import { until } from "../support/until.ts";

export class HeldSync {
  /** To be put before a command: its process stays the same. */
  readonly argv: readonly string[];
  readonly #file: string;

  /** Needs a C compiler. */
  constructor(folder: string) {
    const library = join(folder, "hold-sync.so");
    execFileSync("cc", ["-shared", "-fPIC", "-o", library, join(ROOT, "test/record/programs/hold-sync.c")]);
    this.#file = join(folder, "hold-sync");
    this.argv = ["env", `LD_PRELOAD=${library}`, `HOLD_SYNC=${this.#file}`];
  }

  /** From its next sync of that file on. */
  holds(pid: number, path: string): void {
    writeFileSync(this.#file, `${pid} ${path}\n`);
  }

  async isReached(): Promise<void> {
    await until("it syncs the file", () => existsSync(`${this.#file}.reached`));
  }

  release(): void {
    rmSync(this.#file);
  }
}
