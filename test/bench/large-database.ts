/**
 * A database of a size worth timing: a shop's tables with their indexes and foreign keys, in the order in which a shop
 * fills them.
 */
import Database from "better-sqlite3";

/** Bytes of one customer with all that belongs to it (8 orders, 24 lines), measured. */
const BYTES_PER_CUSTOMER = 2950;

const SCHEMA = `
create table customers (
  id integer primary key,
  name text not null,
  email text not null unique,
  city text not null,
  note text
);
create table products (id integer primary key, code text not null unique, name text not null, price integer not null);
create table orders (
  id integer primary key,
  customer_id integer not null references customers(id),
  created_at text not null,
  status text not null check (status in ('open', 'paid', 'sent')),
  total integer not null,
  remark text
);
create table lines (
  id integer primary key,
  order_id integer not null references orders(id),
  product_id integer not null references products(id),
  quantity integer not null,
  price integer not null
);
create table tags (
  order_id integer not null references orders(id),
  tag text not null,
  primary key (order_id, tag)
) without rowid;
`;

/** Indexes before the rows: their pages lie among those of the tables, as in a database that has grown. */
const INDEXES = `
create index orders_customer on orders(customer_id);
create index orders_created on orders(created_at);
create index orders_open on orders(customer_id, created_at) where status = 'open';
create index lines_order on lines(order_id);
create index lines_product on lines(product_id, quantity);
create index customers_city on customers(city, name);
`;

/** Some 1.0 × `bytes`, closed, in rollback mode with pages of 4096 bytes. */
export function makeLargeDatabase(path: string, bytes: number): void {
  const customers = Math.ceil(bytes / BYTES_PER_CUSTOMER);
  const database = new Database(path);
  try {
    database.exec(`pragma page_size=4096; pragma journal_mode=off; pragma synchronous=off; pragma cache_size=-400000;
      pragma foreign_keys=off; begin; ${SCHEMA} ${INDEXES}
      insert into products with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
        select i, 'code-' || i, 'product ' || hex(randomblob(12)), i % 997 from n;`);
    // In pieces: each fills all tables, so that their pages take turns in the file.
    const piece = 2000;
    for (let first = 1; first <= customers; first += piece) {
      const last = Math.min(customers, first + piece - 1);
      database.exec(`
        insert into customers with recursive n(i) as (select ${first} union all select i + 1 from n where i < ${last})
          select i, 'name ' || hex(randomblob(8)), i || '@example.org', 'city ' || (i * 7919 % 1000),
            hex(randomblob(60)) from n;
        insert into orders with recursive n(i) as
            (select ${first * 8} union all select i + 1 from n where i < ${last * 8 + 7})
          select i, i / 8, datetime(1500000000 + i * 37, 'unixepoch'),
            case i % 10 when 0 then 'open' when 1 then 'paid' else 'sent' end, i % 9999, hex(randomblob(40)) from n;
        insert into lines with recursive n(i) as
            (select ${first * 24} union all select i + 1 from n where i < ${last * 24 + 23})
          select i, i / 3, 1 + abs(random() % 20000), i % 9 + 1, i % 997 from n;
        insert into tags with recursive n(i) as
            (select ${first * 8} union all select i + 1 from n where i < ${last * 8 + 7})
          select i, 'tag ' || (i % 50) from n;`);
    }
    database.exec("commit");
  } finally {
    database.close();
  }
}
