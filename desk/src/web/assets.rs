//! What pages need beside their text: one sheet of style and one script, both in the binary, and the
//! organisation's own theme where a folder has one.

use std::path::Path;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// The style.
const STYLE: &str = include_str!("assets/desk.css");
/// The script.
const SCRIPT: &str = include_str!("assets/desk.js");
/// The sign.
const ICON: &str = include_str!("assets/icon.svg");
/// A theme's files are small, since every page carries them: colours, and a logo.
const THEME_BYTES: u64 = 24 * 1024;

/// An organisation's colours and logo: custom properties over those of [`STYLE`], and a picture.
#[derive(Debug, Default)]
pub struct Theme {
    /// `theme.css`.
    style: Option<String>,
    /// `logo.png`.
    logo: Option<Vec<u8>>,
}

impl Theme {
    /// Reads a theme's folder. What is missing keeps the look of the program.
    ///
    /// # Errors
    ///
    /// A file is there and cannot be read, or is larger than 24 KiB.
    pub fn read(folder: &Path) -> std::io::Result<Self> {
        let file = |name| -> std::io::Result<Option<Vec<u8>>> {
            let path = folder.join(name);
            match std::fs::metadata(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
                Ok(found) if found.len() > THEME_BYTES => Err(std::io::ErrorKind::FileTooLarge.into()),
                Ok(_) => std::fs::read(&path).map(Some),
            }
        };
        let style = file("theme.css")?.map(String::from_utf8).transpose();
        let style = style.map_err(|_| std::io::Error::from(std::io::ErrorKind::InvalidData))?;
        Ok(Self { style, logo: file("logo.png")? })
    }

    /// Whether there is a picture to show.
    pub fn has_logo(&self) -> bool {
        self.logo.is_some()
    }

    /// The picture.
    pub fn logo(&self) -> Option<Response> {
        self.logo.clone().map(|bytes| served("image/png", bytes))
    }

    /// The style, with the theme's after it so that it wins.
    pub fn style(&self) -> Response {
        served("text/css; charset=utf-8", format!("{STYLE}\n{}", self.style.as_deref().unwrap_or_default()))
    }
}

/// The script.
pub fn script() -> Response {
    served("text/javascript; charset=utf-8", SCRIPT)
}

fn served(kind: &'static str, body: impl IntoResponse) -> Response {
    // Asked for anew after an update of the program, which may change it.
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "private, max-age=60")], body).into_response()
}

/// The sign in the window's tab.
pub fn icon() -> Response {
    served("image/svg+xml", ICON)
}
