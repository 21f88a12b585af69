use estafette_protocol::statement::Class;

use super::*;
use crate::export::{Announcement, Member, Reaction, Version};

/// 2026-11-23 08:00 in Paris.
const MONDAY: Timestamp = Timestamp(1_795_417_200_000);

fn person(agent: u32, name: &str) -> Person {
    Person { agent: Some(agent), name: Some(name.to_owned()) }
}

fn conversation(class: Class) -> Conversation {
    Conversation {
        thread: "ab".repeat(32),
        title: None,
        class,
        organisation: "cd".repeat(16),
        exported_at: MONDAY,
        exported_by: person(2, "Amine Kaci"),
        members: vec![
            Member { agent: 9, name: Some("Archives".to_owned()), archive: true },
            Member { agent: 2, name: Some("Amine Kaci".to_owned()), archive: false },
        ],
        messages: 1,
        unreadable: 0,
    }
}

fn message(uid: &str, text: &str) -> Message {
    Message {
        uid: uid.to_owned(),
        position: Some(1),
        author: person(2, "Amine Kaci"),
        device: "ef".repeat(16),
        written_at: MONDAY,
        received_at: Some(MONDAY),
        state: MessageState::Standing,
        text: text.to_owned(),
        erased: false,
        parents: Vec::new(),
        mentions: Vec::new(),
        pinned: false,
        reactions: Vec::new(),
        versions: Vec::new(),
        announcement: None,
    }
}

fn page(title: &str, class: Class, messages: &[Message]) -> String {
    let zone = Zone::named("Europe/Paris");
    let mut page = PageWriter::new(Vec::new(), Language::French, zone, title, &conversation(class)).unwrap();
    messages.iter().for_each(|message| page.message(message).unwrap());
    String::from_utf8(page.finish().unwrap()).unwrap()
}

/// Every tag of a page, in its order, without attributes.
fn tags(page: &str) -> Vec<&str> {
    let pieces = page.split('<').skip(1);
    pieces.map(|piece| piece.split(['>', ' ']).next().unwrap()).filter(|tag| !tag.starts_with('!')).collect()
}

#[test]
fn what_people_wrote_is_text_and_never_markup() {
    let evil = "</p><script>alert(1)</script><img src=x onerror=\"a\" title='b'> & \u{0}\u{1b}[2J";
    let mut one = message("\"><script>", evil);
    one.author.name = Some("<b>Amine</b>".to_owned());
    one.reactions = vec![Reaction { by: person(3, "<i>"), sign: "<u>".to_owned() }];
    one.versions = vec![version("<s>", false), version(evil, true)];
    one.parents = vec!["absent\"><script>".to_owned()];
    let page = page("<h1>Voirie</h1>", Class::Service, &[one]);
    let allowed = [
        "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "main", "section", "article",
        "b", "time", "span", "p", "div", "ol", "ul", "li", "del", "bdi", "a",
    ];
    for tag in tags(&page) {
        assert!(allowed.contains(&tag.trim_start_matches('/')), "<{tag}> in\n{page}");
    }
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    assert!(!page.contains(['\u{0}', '\u{1b}']), "control characters do not leave");
}

fn version(text: &str, current: bool) -> Version {
    Version {
        uid: "0".repeat(32),
        written_at: MONDAY,
        received_at: Some(MONDAY),
        text: text.to_owned(),
        current,
    }
}

#[test]
fn a_page_stands_alone_names_its_language_and_opens_what_it_closes() {
    let mut answer = message("22", "Vu.");
    answer.parents = vec!["11".to_owned()];
    answer.pinned = true;
    answer.written_at = MONDAY.after(std::time::Duration::from_secs(24 * 3600));
    let page = page("Voirie nord", Class::Service, &[message("11", "Vanne fermée."), answer]);
    assert!(
        page.starts_with("<!DOCTYPE html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">"),
        "{page}"
    );
    for remote in ["http:", "https:", "//", "src=", "@import", "url("] {
        assert!(!page.contains(remote), "{remote} in\n{page}");
    }
    assert!(
        page.contains("<h1>Voirie nord</h1>") && page.contains("<h2>lundi 23 novembre 2026</h2>"),
        "{page}"
    );
    assert!(page.contains("<h2>mardi 24 novembre 2026</h2>"), "{page}");
    assert!(page.contains("<time datetime=\"2026-11-23T07:00:00Z\">08:00</time>"), "{page}");
    assert!(page.contains("href=\"#m-11\"") && page.contains("id=\"m-11\""), "{page}");
    assert!(page.contains("overflow-wrap: anywhere") && page.contains("color-scheme: light dark"), "{page}");
    assert!(page.contains("@media print"), "{page}");
    let mut open = Vec::new();
    for tag in tags(&page).into_iter().filter(|tag| *tag != "meta") {
        match tag.strip_prefix('/') {
            None => open.push(tag),
            Some(tag) => assert_eq!(open.pop(), Some(tag), "{page}"),
        }
    }
    assert_eq!(open, [""; 0]);
}

#[test]
fn the_class_and_the_archive_are_said_and_versions_and_erasures_show() {
    let mut edited = message("11", "60 cm");
    edited.versions = vec![version("40 cm", false), version("55 cm", true), version("60 cm", true)];
    let mut erased = message("22", "");
    erased.erased = true;
    let page = page("Chloé", Class::Personnel, &[edited, erased]);
    assert!(page.contains("<p class=\"class personnel\">conversation personnelle"), "{page}");
    assert!(page.contains("Archives, service d’archives"), "{page}");
    assert!(page.contains("<li dir=\"auto\"><del>40 cm</del></li>\n<li dir=\"auto\">55 cm</li>"), "{page}");
    assert_eq!(page.matches("60 cm").count(), 1, "what is shown is not told twice");
    assert!(page.contains("<p class=\"erased\">supprimé par son auteur</p>"), "{page}");
}

#[test]
fn an_announcement_is_called_one_and_a_corrected_one_stays_struck() {
    let asks = |corrected_by: Option<&str>| Announcement {
        due: Some(MONDAY.after(std::time::Duration::from_secs(2 * 3600))),
        acknowledged_at: None,
        corrects: None,
        corrected_by: corrected_by.map(str::to_owned),
    };
    let (mut first, mut second) = (message("11", "Rendez-vous à 8 h."), message("22", "Rendez-vous à 9 h."));
    first.announcement = Some(asks(Some("22")));
    second.announcement = Some(Announcement { acknowledged_at: Some(MONDAY), ..asks(None) });
    let page = page("Voirie nord", Class::Diffusion, &[first, second]);
    assert_eq!(page.matches(" <span class=\"mark\">consigne</span>").count(), 2, "{page}");
    assert!(page.contains("<p class=\"text\" dir=\"auto\"><del>Rendez-vous à 8 h.</del></p>"), "{page}");
    assert!(page.contains("<p class=\"text\" dir=\"auto\">Rendez-vous à 9 h.</p>"), "{page}");
    assert!(page.contains("<span class=\"mark\">corrigée</span>"), "{page}");
    assert!(page.contains("«\u{A0}Lu et compris\u{A0}», lundi 23 novembre 2026 08:00"), "{page}");
}
