//! The settings that are advised for rusqlite, as they are printed: what they do.

use rusqlite::{Connection, TransactionBehavior};
use sqlock_test_drivers::Result;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn main() -> Result<()> {
    let path = &std::env::args().nth(1).ok_or("no database")?;
    let mut conn = Connection::open(path)?;
    conn.busy_timeout(Duration::from_millis(7000))?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "wal_autocheckpoint", 1234)?;
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let timeout = number("busy_timeout")?;
    let checkpoint = number("wal_autocheckpoint")?;
    let wal: String = Connection::open(path)?.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let other = Connection::open(path)?;
    other.busy_timeout(Duration::ZERO)?;
    let immediate = other.execute_batch("begin immediate").is_err();
    tx.rollback()?;
    let conn = Arc::new(Mutex::new(Connection::open(path)?));
    drop(conn);
    println!(r#"{{"timeout":{timeout},"wal":"{wal}","checkpoint":{checkpoint},"immediate":{immediate}}}"#);
    Ok(())
}
