/** How evenly the commits are spread over the writers. Pure. */
import type { Fairness } from "./report.ts";

/** Source: R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness, 1984 */
export function fairnessOf(commits: readonly number[]): Fairness {
  const sum = commits.reduce((total, each) => total + each, 0);
  const squares = commits.reduce((total, each) => total + each * each, 0);
  const jain = squares === 0 ? null : Math.round((sum * sum * 1000) / (commits.length * squares)) / 1000;
  return { jain, leastCommits: Math.min(...commits), mostCommits: Math.max(...commits) };
}
