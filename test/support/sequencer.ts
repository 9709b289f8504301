/** The order of the test files: those that take minutes first, since nothing else would run beside the last one. */
import { relative, sep } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

export default class Sequencer extends BaseSequencer {
  /** Else it is vitest's own: what failed or took long the last time, which no clean checkout knows; large files. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const { root } = this.ctx.config;
    return longFirst(sorted, ({ project, moduleId }) => ({ project: project.name, path: relative(root, moduleId) }));
  }
}

/** In the soak these have the most repetitions, whatever the size of the file. */
const LONG = ["soak", "long", "package"].map((name) => `test${sep}${name}${sep}`);

/** The order of the projects stays as it is, and otherwise that of the files. */
export function longFirst<T>(
  files: readonly T[],
  of: (file: T) => { readonly project: string; readonly path: string },
): T[] {
  const isLong = (file: T) => of(file).project === "soak" && LONG.some((folder) => of(file).path.startsWith(folder));
  const first = files.findIndex((file) => of(file).project === "soak");
  const before = first < 0 ? files : files.slice(0, first);
  const rest = first < 0 ? [] : files.slice(first);
  return [...before, ...rest.filter(isLong), ...rest.filter((file) => !isLong(file))];
}
