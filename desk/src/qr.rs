//! QR codes: on the terminal, and as pictures that a phone reads from paper or a screen.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use estafette_protocol::FaultCode;
use fast_qr::ECL;
use fast_qr::qr::{QRBuilder, QRCode};

use crate::session::Failure;

/// Pixels of a module's side: a ticket is then some five centimetres wide on paper.
const MODULE: usize = 8;
/// Light modules around the code, as its standard wants.
const MARGIN: usize = 4;

/// A text as a QR code.
pub struct Code(Box<QRCode>);

impl Code {
    /// The code of a text; a text of more than 2,331 bytes has none.
    pub fn of(text: &str) -> Result<Self, FaultCode> {
        let built = QRBuilder::new(text).ecl(ECL::M).build();
        built.map(|code| Self(Box::new(code))).map_err(|_| FaultCode::TooLarge)
    }

    /// Block characters, two modules in each. Light is what is drawn: most terminals are dark.
    pub fn terminal(&self) -> String {
        let side = self.0.size + 2 * MARGIN;
        let line = |row: usize| -> String {
            let cell = |column: usize| match (
                self.is_dark(row, column),
                row + 1 < side && self.is_dark(row + 1, column),
            ) {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            };
            (0..side).map(cell).chain(['\n']).collect()
        };
        (0..side).step_by(2).map(line).collect()
    }

    /// A picture of black and white pixels, as a PNG file's bytes.
    pub fn png(&self) -> Result<Vec<u8>, FaultCode> {
        let side = (self.0.size + 2 * MARGIN) * MODULE;
        let width = u32::try_from(side).map_err(|_| FaultCode::TooLarge)?;
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, width);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let pixels: Vec<u8> = (0..side * side)
            .map(|at| if self.is_dark(at / side / MODULE, at % side / MODULE) { 0 } else { 255 })
            .collect();
        // Writing to memory fails for nothing that a text could cause.
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
        written.map_err(|_| FaultCode::Internal)?;
        Ok(bytes)
    }

    /// The side in modules, margin included, and the dark modules as the path of a pen one module wide, drawn
    /// through the middle of each row (SVG 2, 9.3); rows count from 0.5.
    pub fn path(&self) -> (usize, String) {
        let side = self.0.size + 2 * MARGIN;
        let mut path = String::new();
        for row in 0..side {
            // Where the pen was lifted in this row.
            let (mut pen, mut column) = (None, 0);
            while column < side {
                let run = (column..side).take_while(|column| self.is_dark(row, *column)).count();
                if run > 0 {
                    path += &match pen {
                        None => format!("M{column} {row}.5h{run}"),
                        Some(pen) => format!("m{} 0h{run}", column - pen),
                    };
                    pen = Some(column + run);
                }
                column += run.max(1);
            }
        }
        (side, path)
    }

    /// Whether a module is dark, counted with the margin.
    fn is_dark(&self, row: usize, column: usize) -> bool {
        let inside = |at: usize| at.checked_sub(MARGIN).filter(|at| *at < self.0.size);
        inside(row).zip(inside(column)).is_some_and(|(row, column)| self.0[row][column].value())
    }

    /// Writes the picture into a new file that only its owner reads. A file that stands is left.
    pub fn write_png(&self, path: &Path) -> Result<(), Failure> {
        let bytes = self.png()?;
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(taken)?;
        file.write_all(&bytes)?;
        Ok(file.sync_all()?)
    }
}

/// A file that stands already has a refusal of its own.
pub fn taken(error: std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::AlreadyExists => FaultCode::FileExists.into(),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader of QR codes sees on a picture of so many pixels a side.
    fn seen(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> String {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    fn texts() -> [String; 3] {
        ["x".to_owned(), "Vanne fermée ; rue des Lilas".to_owned(), "estafette://e?v=1&".repeat(30)]
    }

    #[test]
    fn a_drawing_reads_as_its_text() {
        for text in texts() {
            let (side, path) = Code::of(&text).unwrap().path();
            let mut dark = vec![false; side * side];
            let (mut x, mut y) = (0, 0);
            for stroke in path.split(['M', 'm']).skip(1) {
                let (to, run) = stroke.split_once('h').unwrap();
                let (across, down) = to.split_once(' ').unwrap();
                let (across, run): (usize, usize) = (across.parse().unwrap(), run.parse().unwrap());
                match down {
                    "0" => x += across,
                    row => (x, y) = (across, row.strip_suffix(".5").unwrap().parse().unwrap()),
                }
                dark[y * side + x..y * side + x + run].fill(true);
                x += run;
            }
            let drawn = |x: usize, y: usize| if dark[y / MODULE * side + x / MODULE] { 0 } else { 255 };
            assert_eq!(seen(side * MODULE, side * MODULE, drawn), text);
        }
    }

    #[test]
    fn a_picture_reads_as_its_text_from_one_letter_to_more_than_a_ticket() {
        for text in texts() {
            let bytes = Code::of(&text).unwrap().png().unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
            let (width, height) = (reader.info().width as usize, reader.info().height as usize);
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut pixels).unwrap();
            assert_eq!(seen(width, height, |x, y| pixels[y * width + x]), text);
        }
        assert!(matches!(Code::of(&"é".repeat(2_000)), Err(FaultCode::TooLarge)));
    }

    #[test]
    fn a_dark_terminal_shows_a_code_that_reads_as_its_text() {
        for text in texts() {
            let shown = Code::of(&text).unwrap().terminal();
            let lines: Vec<Vec<char>> = shown.lines().map(|line| line.chars().collect()).collect();
            assert!(lines.len() > 10 && lines.iter().all(|line| line.len() == lines[0].len()));
            // Each character is two modules high and one wide; each module four pixels.
            let pixel = |x: usize, y: usize| match (lines[y / 8][x / 4], y / 4 % 2) {
                ('█', _) | ('▀', 0) | ('▄', 1) => 255,
                _ => 0,
            };
            assert_eq!(seen(lines[0].len() * 4, lines[0].len() * 4, pixel), text);
        }
    }

    #[test]
    fn a_picture_is_private_and_takes_no_other_files_place() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticket.png");
        let code = Code::of("ticket").unwrap();
        code.write_png(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let before = std::fs::read(&path).unwrap();
        let refused = Code::of("other").unwrap().write_png(&path).unwrap_err();
        assert_eq!(refused.fault().unwrap().code, FaultCode::FileExists);
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}
