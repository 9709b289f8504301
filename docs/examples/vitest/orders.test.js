import { beforeAll, expect, test } from "vitest";
import { closeAll, connect } from "./database.js";

beforeAll(() => {
  connect().exec("CREATE TABLE IF NOT EXISTS orders (customer TEXT)");
  closeAll();
});

test("two connections of one test, and a forgotten commit: fails, and the holder is named", () => {
  connect().exec("BEGIN IMMEDIATE; INSERT INTO orders VALUES ('a')"); // no COMMIT
  connect().exec("INSERT INTO orders VALUES ('b')"); // database is locked
});

test("the next test has the database to itself: the forgotten connection is closed", () => {
  connect().exec("INSERT INTO orders VALUES ('c')");
  expect(connect().prepare("SELECT count(*) AS n FROM orders").get()).toEqual({ n: 1 });
});
