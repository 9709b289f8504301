// Connections for the tests. They are closed after each test, even if a test forgets to.
import Database from "better-sqlite3";

export const DATABASE = process.env.DATABASE ?? "test.sqlite3";
const connections = new Set();

export function connect() {
  const connection = new Database(DATABASE, { timeout: 200 });
  connections.add(connection);
  return connection;
}

export function closeAll() {
  for (const connection of connections) connection.close(); // an open transaction is rolled back
  connections.clear();
}
