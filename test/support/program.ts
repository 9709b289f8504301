/** Any program, which is killed when the test ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

export interface Program {
  readonly pid: number;
  /** Null where a signal ended it. */
  readonly exitCode: Promise<number | null>;
}

export function startProgram(program: string, args: readonly string[]): Program {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (child.pid === undefined) throw new Error(`${program} did not start`);
  const exitCode = once(child, "exit").then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exitCode;
  });
  return { pid: child.pid, exitCode };
}
