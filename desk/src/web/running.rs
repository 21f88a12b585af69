//! The file by which a second `estafette desk` finds the one that runs, and has a new link made.
//!
//! Two lines: where it listens, and a secret. The file is for its owner alone, like the folder around it.
//! It is a hint, no lock: the database has its own. A file that nobody answers for is stale and replaced.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use super::visitors::Secret;
use crate::folder::Folder;

/// How long the other one may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// The answer is a link.
const ANSWER: u64 = 16 * 1024;
/// The header that carries the secret.
pub const HEADER: &str = "x-estafette-desk";

/// Where a running desk is, and what it believes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// What a second process shows it.
    pub secret: Secret,
}

fn file(folder: &Folder) -> PathBuf {
    folder.path().join("desk-running")
}

impl Running {
    /// Says where this process is.
    pub fn write(&self, folder: &Folder) -> io::Result<()> {
        let _ = fs::remove_file(file(folder));
        let mut opened =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file(folder))?;
        opened.write_all(format!("{}\n{}\n", self.port, self.secret).as_bytes())
    }

    /// What the last one said.
    pub fn read(folder: &Folder) -> Option<Self> {
        let content = fs::read_to_string(file(folder)).ok()?;
        let mut lines = content.lines();
        let (port, secret) = (lines.next()?.parse().ok()?, lines.next()?);
        let plain = secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| Self { port, secret: secret.to_owned() })
    }

    /// Takes back what this process said; what another said stays.
    pub fn remove(&self, folder: &Folder) {
        if Self::read(folder).as_ref() == Some(self) {
            let _ = fs::remove_file(file(folder));
        }
    }

    /// Asks the one that runs for a new link; `None` where nobody answers for the file.
    pub fn link(&self) -> Option<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.set_write_timeout(Some(PATIENCE)).ok()?;
        let origin = format!("127.0.0.1:{}", self.port);
        let request = format!(
            "POST /open HTTP/1.1\r\nHost: {origin}\r\nOrigin: http://{origin}\r\n{HEADER}: {}\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n",
            self.secret
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.take(ANSWER).read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let link = body.trim();
        let ours = link.starts_with(&format!("http://{origin}/open?token="));
        (head.starts_with("HTTP/1.1 200 ") && ours).then(|| link.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_file_is_for_its_owner_and_only_its_writer_takes_it_back() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::at(parent.path());
        assert_eq!(Running::read(&folder), None);
        let [mine, other] = [1, 2].map(|port| Running { port, secret: "ab".repeat(32) });
        mine.write(&folder).unwrap();
        assert_eq!(fs::metadata(file(&folder)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Running::read(&folder), Some(mine.clone()));
        other.remove(&folder);
        assert_eq!(Running::read(&folder), Some(mine.clone()));
        mine.remove(&folder);
        assert_eq!(Running::read(&folder), None);
        for bad in ["", "80\n", "80\nsecret\n", "x\nab\n"] {
            fs::write(file(&folder), bad).unwrap();
            assert_eq!(Running::read(&folder), None, "{bad:?}");
        }
    }

    #[test]
    fn a_stale_file_gives_no_link() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert_eq!(Running { port, secret: "ab".repeat(32) }.link(), None);
    }
}
