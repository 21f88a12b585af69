//! Tickets as text and as pictures.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use estafette_desk::administration::Administration;
use estafette_desk::folder::Folder;
use estafette_protocol::enrol::Ticket;
use serde_json::json;

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

#[test]
fn a_new_ticket_ends_the_one_before_and_the_device_that_waits_with_it() {
    let town = Town::provisioned();
    let ticket = |words: &[&str]| {
        let made = town.done("admin", &[&["admin", "ticket"], words].concat());
        made.iter().map(|one| one["ticket"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let [first, second] = [ticket(&["2"]), ticket(&["2"])];
    assert_eq!(town.refused("stranger", &["enrol", &first[0]]), "enrolment_used");
    assert_eq!(town.done("early", &["enrol", &second[0]])[0]["active"], false);
    // Whoever waits is not disturbed by tickets for all others.
    assert_eq!(ticket(&["--all-missing"]).len(), 1);
    let third = ticket(&["2"]);
    assert_eq!(
        town.done("admin", &["admin", "approve", "--yes"])[0]["waiting"],
        0,
        "the early one is refused"
    );
    town.done("amine", &["enrol", &third[0]]);
    assert_eq!(town.done("admin", &["admin", "approve", "--yes"])[0]["approved"], 1);
    town.stop();
}

#[test]
fn a_device_that_was_cut_off_has_a_ticket_only_where_somebody_asks_for_it() {
    let town = Town::provisioned();
    town.enrol("amine", "2");
    let device = town.done("admin", &["admin", "devices"]);
    let device = device.iter().find(|one| one["agent"] == 2).unwrap()["device"].as_str().unwrap();
    town.done("admin", &["admin", "revoke", device, "--reason", "lost"]);
    let agents =
        |made: Vec<serde_json::Value>| made.iter().map(|one| one["agent"].clone()).collect::<Vec<_>>();
    assert_eq!(agents(town.done("admin", &["admin", "ticket", "--all-missing"])), [json!(3)]);
    assert_eq!(agents(town.done("admin", &["admin", "ticket", "2"])), [json!(2)]);
    town.stop();
}

#[test]
fn of_two_devices_that_wait_for_one_entry_the_second_is_told_in_words_of_its_own() {
    let town = Town::provisioned();
    let ticket = || {
        let made = town.done("admin", &["admin", "ticket", "3"]);
        made[0]["ticket"].as_str().unwrap().parse::<Ticket>().unwrap()
    };
    let folder = Folder::at(town.folder("admin"));
    let ring = folder.unlock("une phrase de passe").unwrap();
    let records = || Administration::open(&folder, &ring.database_key()).unwrap();
    let first = ticket();
    town.done("chloe", &["enrol", &first.to_string()]);
    // As records were before a new ticket ended the earlier one.
    let kept = records().ticket(first.enrolment).unwrap().unwrap();
    let until = records().tickets().unwrap()[0].expires_at;
    records().drop_ticket(first.enrolment).unwrap();
    town.done("stranger", &["enrol", &ticket().to_string()]);
    records().put_ticket(first.enrolment, &kept, until).unwrap();

    let (_, error) = town.seen("admin", &["admin", "approve", "--yes"]);
    assert!(
        error.starts_with("Un autre appareil est déjà en service pour Chloé Ñuñez · PC, série S3"),
        "{error}"
    );
    let devices = town.done("admin", &["admin", "devices"]);
    assert_eq!(devices.iter().filter(|one| one["agent"] == 3 && one["active"] == true).count(), 1);
    assert_eq!(town.done("admin", &["admin", "approve"]), [json!({ "approved": 0, "waiting": 1 })]);
    assert_eq!(town.done("admin", &["admin", "approve"]), [json!({ "approved": 0, "waiting": 0 })]);
    town.stop();
}
