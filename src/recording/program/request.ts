/** Requests of a web framework are told in the place of tasks, by method and path: `GET /orders/`. Pure. */
export function isRequest(task: string): boolean {
  return /^[A-Z]+ \//.test(task);
}
