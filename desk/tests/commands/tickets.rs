//! Tickets as text and as pictures.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{Town, inventory};

/// What a reader of QR codes sees on a picture.
fn seen(path: &Path) -> String {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_picture_of_a_ticket_enrols_a_device_and_takes_no_other_files_place() {
    let town = Town::new();
    town.found("admin");
    let file = inventory(town.folder.path());
    town.done("admin", &["admin", "import", file.to_str().unwrap()]);
    let path = town.folder("amine.png");
    let made = town.done("admin", &["admin", "ticket", "2", "--png", path.to_str().unwrap()]);
    let ticket = made[0]["ticket"].as_str().unwrap();
    assert_eq!(seen(&path), ticket);
    assert_eq!(mode(&path), 0o600);
    let before = std::fs::read(&path).unwrap();
    let again = ["admin", "ticket", "3", "--png", path.to_str().unwrap()];
    assert_eq!(town.refused("admin", &again), "file_exists");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(town.done("amine", &["enrol", &seen(&path)])[0]["active"], false);
    assert_eq!(town.done("admin", &["admin", "approve", "--yes"])[0]["approved"], 1);
    assert_eq!(town.refused("admin", &["admin", "ticket", "2"]), "entry_already_bound");

    // For everybody who is not there yet, a folder of pictures.
    let folder = town.folder("tickets");
    let all = ["admin", "ticket", "--all-missing", "--png", folder.to_str().unwrap()];
    let made = town.done("admin", &all);
    assert_eq!(made.len(), 1, "one of two is enrolled");
    assert_eq!((&made[0]["name"], made[0]["agent"].as_u64()), (&"Chloé Ñuñez".into(), Some(3)));
    assert_eq!((mode(&folder), mode(&folder.join("3-s3.png"))), (0o700, 0o600));
    assert_eq!(seen(&folder.join("3-s3.png")), made[0]["ticket"]);
    assert_eq!(town.refused("admin", &all), "file_exists");

    // On the terminal the code stands with whose it is, and until when.
    let (shown, _) = town.seen("admin", &["admin", "ticket", "3"]);
    assert!(
        shown.contains('█') && shown.contains("Chloé Ñuñez, agent 3 · PC, série S3 · valable jusqu’au 20"),
        "{shown}"
    );
    assert!(shown.trim_end().lines().last().unwrap().starts_with("estafette://e?v=1&"), "{shown}");
    town.stop();
}
