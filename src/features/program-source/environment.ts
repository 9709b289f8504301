/** The environment of a command with a tracer in it. Pure. */

import { hasPermission } from "./untraceable.ts";

export interface TracerPlaces {
  /** The private folder with the pipe. */
  readonly folder: string;
  /** The folder of our `sitecustomize`, for Python. */
  readonly python: string;
  /** The file that Node.js loads first. */
  readonly node: string;
}

/** Set for the command, and passed on to what it starts. */
const TRACE_VARIABLE = "SQLOCK_TRACE";

/**
 * What the command had in these variables stays, after ours. `isRestricted`: Node.js may not read our file, and would
 * not start.
 */
export function tracedEnvironment(
  env: NodeJS.ProcessEnv,
  { folder, python, node }: TracerPlaces,
  isRestricted = false,
): NodeJS.ProcessEnv {
  const { PYTHONPATH: path = "", NODE_OPTIONS: options = "" } = env;
  const traced = {
    ...env,
    [TRACE_VARIABLE]: folder,
    PYTHONPATH: path === "" ? python : `${python}:${path}`,
  };
  if (isRestricted || hasPermission(options.split(/\s+/))) return traced;
  return {
    ...traced,
    NODE_OPTIONS: `--require ${quoted(node)}${options === "" ? "" : ` ${options}`}`,
  };
}

/** Source: NODE_OPTIONS in the manual of Node.js: a space stands between quotes, a quote after a backslash. */
function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replace(/["\\]/g, "\\$&")}"` : path;
}
