//! Google's list of revoked keys over real TLS: from a server that gives it, and from others.

use std::time::Duration;

use estafette_server::config::{Allowances, Config};
use estafette_server::revocations;

use crate::metrics::numbers;
use crate::running::Folder;
use crate::wake_ups::{identity, push_server};

/// How long the test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

fn answer(status: &str, body: &str) -> Option<String> {
    let length = body.len();
    Some(format!(
        "HTTP/1.1 {status}\r\ncache-control: max-age=7200\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
}

/// Starts a relay whose list is at this address, and waits until it was fetched, or not.
async fn fetched(folder: &mut Folder, pem: &str, url: &str) -> String {
    let place = folder.config.folder.clone();
    std::fs::write(place.join("list.pem"), pem).unwrap();
    let settings = std::fs::read_to_string(place.join("relay.toml")).unwrap();
    let section = format!("[attestation]\nlist_url = \"{url}\"\nlist_authorities = \"list.pem\"\n");
    let settings = match settings.contains("[attestation]\n") {
        true => settings.replacen("[attestation]\n", &section, 1),
        false => format!("{settings}\n{section}"),
    };
    folder.config = Config::parse(&settings, &place, Allowances::default()).unwrap();
    folder.config.listen = ([127, 0, 0, 1], 0).into();
    folder.config.metrics = Some(([127, 0, 0, 1], 0).into());
    let relay = folder.start().await;
    let counted = async {
        loop {
            let numbers = numbers(&relay).await;
            let prefix = "estafette_revocation_lists_total{code=\"";
            let found = numbers.keys().find_map(|name| name.strip_prefix(prefix));
            if let Some(code) = found {
                return code.trim_end_matches("\"}").to_owned();
            }
            tokio::task::yield_now().await;
        }
    };
    let code =
        tokio::time::timeout(PATIENCE, counted).await.expect("each attempt is counted by how it ended");
    relay.shutdown().await;
    code
}

#[tokio::test]
async fn the_list_is_fetched_and_what_is_no_list_leaves_the_one_before() {
    let (pem, tls) = identity();
    let mut folder = Folder::new();
    let place = folder.config.folder.clone();
    let list = r#"{"entries": {"77aa": {"status": "REVOKED"}}}"#;
    let (good, mut heard) = push_server(tls.clone(), answer("200 OK", list)).await;
    assert_eq!(fetched(&mut folder, &pem, &good).await, "ok");
    let request = heard.recv().await.unwrap();
    let authority = good.trim_start_matches("https://").trim_end_matches("/up");
    assert_eq!(request, format!("GET /up HTTP/1.1\r\nhost: {authority}\r\naccept: application/json\r\n\r\n"));
    let kept = revocations::read(&place).unwrap().unwrap();
    assert!(kept.contains(&[0x77, 0xaa]));
    assert_eq!(kept.len(), 1);

    let (elsewhere, mut astray) = push_server(tls.clone(), answer("200 OK", r#"{"entries": {}}"#)).await;
    let redirects = Some(format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n"));
    let huge = format!(r#"{{"entries": {{}}, "x": "{}"}}"#, "x".repeat(5 * 1024 * 1024));
    let others = [
        (redirects, "refused"),
        (answer("500 Internal Server Error", list), "refused"),
        (answer("200 OK", "<html>"), "unusable"),
        (answer("200 OK", r#"{"entries": {"zz": {}}}"#), "unusable"),
        (answer("200 OK", &huge), "too_large"),
        (Some("HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"entries\"".to_owned()), "unreachable"),
    ];
    for (given, code) in others {
        let (url, _heard) = push_server(tls.clone(), given).await;
        assert_eq!(fetched(&mut folder, &pem, &url).await, code);
        assert_eq!(revocations::read(&place).unwrap().unwrap(), kept, "{code}");
    }
    assert!(astray.try_recv().is_err(), "a redirect is not followed");
    let (stranger, _) = identity();
    assert_eq!(fetched(&mut folder, &stranger, &good).await, "unreachable", "a server nobody vouches for");
}
