//! rusqlite.

use rusqlite::Connection;
use sqlock_test_drivers::{Arguments, INSERT, Result, VERSION, hold};

fn main() -> Result<()> {
    let arguments = Arguments::parse()?;
    let connection = Connection::open(&arguments.database)?;
    let query = |statement: &str| connection.query_row(statement, [], |row| row.get::<_, String>(0));
    arguments.check_mode(&query(&arguments.set_mode())?)?;
    connection.execute(INSERT, [])?;
    let version = query(VERSION)?;
    for statement in arguments.begin() {
        connection.execute_batch(statement)?;
    }
    hold(&version)?;
    for statement in arguments.end() {
        connection.execute_batch(statement)?;
    }
    Ok(connection.close().map_err(|(_, error)| error)?)
}
