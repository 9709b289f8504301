import { expect, test } from "vitest";
import { asksToEnd, parseSignal } from "../../../../src/features/kill/signals.ts";

test.each([
  ["TERM", "SIGTERM", true],
  ["sigint", "SIGINT", true],
  [" hup ", "SIGHUP", true],
  ["QUIT", "SIGQUIT", true],
  ["abrt", "SIGABRT", true],
  ["SIGKILL", "SIGKILL", false],
  ["cont", "SIGCONT", false],
  ["usr1", "SIGUSR1", false],
  ["SIGUSR2", "SIGUSR2", false],
] as const)("%s is %s; whether SIGKILL follows it: %s", (text, signal, asks) => {
  expect(parseSignal(text)).toBe(signal);
  expect(asksToEnd(signal)).toBe(asks);
});

test.each(["stop", "SIGSTOP", "tstp"])("%s would keep the locks", (text) => {
  expect(() => parseSignal(text)).toThrow(/would only stop the process, which would keep its locks/);
});

test.each(["nonsense", "", "9", "SIGSIGTERM"])("%j is no signal that frees a database", (text) => {
  expect(() => parseSignal(text)).toThrow(/--signal ".*"/);
});
