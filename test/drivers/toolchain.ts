/** Compilers that no package of the tests brings: without them a test is skipped, in CI too. */
import { execa } from "execa";
import type { TestContext } from "vitest";
import { npmVariables } from "../support/environment.ts";
import { has, need } from "../support/skip.ts";

export interface Toolchain {
  /** As its users call it. */
  readonly name: string;
  /** Prints its version. */
  readonly command: readonly [program: string, ...args: string[]];
  /** The first version that the pinned drivers accept: major and minor number. */
  readonly atLeast: readonly [number, number];
}

/** What it says of its version. The test is skipped where there is none, or only an older one. */
export async function versionOf(context: TestContext, { name, command, atLeast }: Toolchain): Promise<string> {
  const [program, ...args] = command;
  need(context, has(program), program);
  // The user's home folder has the toolchains of a version manager.
  const { stdout } = await execa(program, args, { env: npmVariables(), stdin: "ignore", reject: false });
  const found = /(\d+)\.(\d+)/.exec(stdout);
  const [major, minor] = [Number(found?.[1]), Number(found?.[2])];
  const isNewEnough = major > atLeast[0] || (major === atLeast[0] && minor >= atLeast[1]);
  need(context, isNewEnough, `${name} ${atLeast.join(".")} (here: ${stdout.trim() || "unknown"})`);
  return stdout.trim();
}
