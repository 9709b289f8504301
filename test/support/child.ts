/** Any program, which is killed when the test ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

export interface Child {
  readonly pid: number;
  /** Null where a signal ended it. */
  readonly exitCode: Promise<number | null>;
}

export function startChild(program: string, args: readonly string[]): Child {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (child.pid === undefined) throw new Error(`${program} did not start`);
  const exitCode = once(child, "exit").then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exitCode;
  });
  return { pid: child.pid, exitCode };
}
