import { beforeAll, expect, test } from "vitest";
import { closeAll, connect } from "./database.js";

beforeAll(() => {
  connect().exec("CREATE TABLE IF NOT EXISTS orders (customer TEXT)");
  closeAll();
});

test("a forgotten commit, and a second connection: fails, and the holder is named", () => {
  connect().exec("BEGIN IMMEDIATE; INSERT INTO orders VALUES ('a')"); // no COMMIT
  connect().exec("INSERT INTO orders VALUES ('b')"); // database is locked
});

test("the next test gets an unlocked database: the forgotten connection was closed", () => {
  connect().exec("INSERT INTO orders VALUES ('c')");
  expect(connect().prepare("SELECT count(*) AS n FROM orders").get()).toEqual({ n: 1 });
});
