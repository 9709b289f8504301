import Database from "better-sqlite3";

interface Order {
  readonly customer: string;
}

export function addOrder(path: string, { customer }: Order): number {
  const db = new Database(path, { timeout: 200 });
  db.exec("BEGIN");
  return db.prepare("INSERT INTO orders VALUES (?)").run(customer).changes; // no COMMIT, no close()
}
