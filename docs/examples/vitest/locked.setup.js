// After each test: if it failed because the database was locked, name the holders; then close what it left open.
import { whoHolds } from "sqlock";
import { afterEach } from "vitest";
import { closeAll, DATABASE } from "./database.js";

const LOCKED = /database (table )?is locked|SQLITE_(BUSY|LOCKED)/;

afterEach(async ({ task }) => {
  try {
    if (task.result?.errors?.some(({ message }) => LOCKED.test(message))) console.error(await holders());
  } finally {
    closeAll();
  }
});

async function holders() {
  const [database] = (await whoHolds(DATABASE)).databases;
  if ("error" in database) return database.error.message;
  const lines = database.holders.map(({ pid, commandLine, activity, locks, blocks }) => {
    const own = pid === process.pid ? "this test process" : commandLine.join(" ");
    return `  ${pid} (${own}) is ${activity}; locks: ${locks.map(({ name }) => name).join(", ") || "none"}; blocks: ${blocks.join(", ") || "nothing"}`;
  });
  return [`${database.path} is held by:`, ...lines].join("\n");
}
