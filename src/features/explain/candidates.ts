/** Lines to compare with the known messages where none is recognised. Pure, and of bounded memory. */

const MAX_LINES = 300;
const MAX_CHARACTERS = 300;
const ERROR = /error|exception|sqlite|fatal|panic|lock|database/i;

/** Those that mention an error, else the first ones. */
export class CandidateLines {
  readonly #errors: string[] = [];
  readonly #first: string[] = [];

  offer(text: string): void {
    if (this.#first.length < MAX_LINES) this.#first.push(text.slice(0, MAX_CHARACTERS));
    if (this.#errors.length < MAX_LINES && ERROR.test(text)) this.#errors.push(text.slice(0, MAX_CHARACTERS));
  }

  best(): readonly string[] {
    return this.#errors.length > 0 ? this.#errors : this.#first;
  }
}
