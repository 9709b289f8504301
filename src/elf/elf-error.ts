/**
 * Why a file cannot be read as ELF. `other-class`: of 32 bits. `other-byte-order`: big-endian. `cut-short`: a table
 * goes on beyond the end of the file. `too-big`: more tables, names or bytes than any program has that was met.
 */
export type ElfProblem = "not-elf" | "other-class" | "other-byte-order" | "cut-short" | "too-big" | "malformed";

/** The only error of this folder, whatever the bytes are. */
export class ElfError extends Error {
  override readonly name = "ElfError";
  readonly problem: ElfProblem;

  constructor(problem: ElfProblem) {
    super(`not a usable ELF file: ${problem}`);
    this.problem = problem;
  }
}
