/** The program in Python: it knows all commands. */
import { join } from "node:path";
import { pythonPath } from "../support/hold.ts";
import { ROOT } from "../support/root.ts";

export const PYTHON = [pythonPath(), "-S", join(ROOT, "test/record/programs/script.py")] as const;
