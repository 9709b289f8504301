/** Why a command has no tracer in it, in one line. Pure. */
import type { Untraceable } from "../../features/program-source/untraceable.ts";
import { escapeText } from "../../text/escape.ts";

export function untraceableText(untraceable: Untraceable): string {
  const why = reason(untraceable);
  return (
    `no lines of code are recorded: ${why}; the command runs all the same, ` +
    "and its locks are recorded if the database is given"
  );
}

function reason(untraceable: Untraceable): string {
  switch (untraceable.why) {
    case "python-option":
      return `${escapeText(untraceable.program)} ${untraceable.option} ignores PYTHONPATH or sitecustomize`;
    case "node-permission":
      return `${escapeText(untraceable.program)} --permission may read no other files`;
    case "environment":
      return `${escapeText(untraceable.program)} gives its command another environment`;
    case "static":
      return `${escapeText(untraceable.program)} is no program of Python or Node.js, and has no shared libraries`;
  }
}
