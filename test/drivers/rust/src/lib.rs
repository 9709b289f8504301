//! What every program here does, whatever its driver: DATABASE MODE ACTION, `ready VERSION`, and the end of stdin.

use std::error::Error;
use std::io::{Read, Write};

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub const INSERT: &str = "INSERT INTO t VALUES (1)";
pub const SELECT: &str = "SELECT count(*) FROM t";
pub const VERSION: &str = "SELECT sqlite_version()";

pub struct Arguments {
    pub database: String,
    pub mode: String,
    pub action: String,
}

impl Arguments {
    /// Those of the command line.
    pub fn parse() -> Result<Self> {
        let given: Vec<String> = std::env::args().skip(1).collect();
        let [database, mode, action] = given.try_into().map_err(|_| "usage: DATABASE wal|delete read|write|idle")?;
        Ok(Self { database, mode, action })
    }

    /// A statement that answers with the journal mode, for `check_mode`.
    pub fn set_mode(&self) -> String {
        format!("PRAGMA journal_mode = {}", self.mode)
    }

    pub fn check_mode(&self, mode: &str) -> Result<()> {
        match mode == self.mode {
            true => Ok(()),
            false => Err(format!("the journal mode is {mode}, not {}", self.mode).into()),
        }
    }

    /// The statements that make the state.
    pub fn begin(&self) -> &'static [&'static str] {
        match self.action.as_str() {
            "read" => &["BEGIN", SELECT],
            "write" => &["BEGIN IMMEDIATE", INSERT],
            _ => &[SELECT],
        }
    }

    /// The statements that end it.
    pub fn end(&self) -> &'static [&'static str] {
        if self.action == "idle" { &[] } else { &["ROLLBACK"] }
    }
}

pub fn hold(version: &str) -> Result<()> {
    println!("ready {version}");
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
