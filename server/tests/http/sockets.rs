//! The socket and the token that opens it.

use estafette_protocol::frame::{Message, Outcome, Reply, RequestBody};
use estafette_protocol::{FaultCode, StatementNumber};
use futures_util::SinkExt as _;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::organisation::Organisation;
use crate::running::{Folder, connect};

#[tokio::test]
async fn a_socket_opens_on_the_connection_where_its_device_proved_itself() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let token = organisation.admin.token(&mut connection).await;
    let mut socket = connection.socket(Some(&token)).await.unwrap();
    let id = socket.ask(RequestBody::Hello { cursor: Default::default() }).await;
    let Some(Message::Answer { id: answered, outcome: Outcome::Done(Reply::Welcome { .. }) }) =
        socket.next().await
    else {
        panic!("a welcome comes first");
    };
    assert_eq!(answered, id);
    drop(socket);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_copied_token_opens_nothing_on_another_connection() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let token = organisation.admin.token(&mut connection).await;
    // On a connection where nobody, and on one where somebody else has proved himself.
    let mut thief = connect(&relay).await;
    assert_eq!(thief.try_socket(Some(&token), &[]).await.err().unwrap().code(), "bad_proof");
    let mut other = organisation.enrol(&mut connection, 2).await;
    other.token(&mut thief).await;
    assert_eq!(thief.try_socket(Some(&token), &[]).await.err().unwrap().code(), "bad_proof");
    // And even where the same device has proved itself with another token.
    organisation.admin.token(&mut thief).await;
    assert_eq!(thief.try_socket(Some(&token), &[]).await.err().unwrap().code(), "bad_proof");
    assert!(connection.socket(Some(&token)).await.is_ok(), "where it belongs it still opens");
    relay.shutdown().await;
}

#[tokio::test]
async fn text_ends_the_socket() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let token = organisation.admin.token(&mut connection).await;
    let mut socket = connection.socket(Some(&token)).await.unwrap();
    socket.frames.send(Frame::Text("bonjour".into())).await.unwrap();
    assert_eq!(socket.next().await, None);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_revoked_device_loses_its_socket() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let mut device = organisation.enrol(&mut connection, 2).await;
    let mut own = connect(&relay).await;
    let token = device.token(&mut own).await;
    let mut socket = own.socket(Some(&token)).await.unwrap();
    organisation.revoke(&mut connection, device.id).await;
    let Some(Message::Goodbye(fault)) = socket.next().await else { panic!("the device is told why") };
    assert_eq!(fault.code, FaultCode::DeviceRevoked);
    assert_eq!(socket.next().await, None);
    let mut again = connect(&relay).await;
    assert_eq!(device.post(&mut again, vec![]).await.code(), "device_revoked");
    relay.shutdown().await;
}

#[tokio::test]
async fn a_page_in_a_browser_opens_no_socket() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let token = organisation.admin.token(&mut connection).await;
    let headers = [("origin", "https://example.org")];
    let refused = connection.try_socket(Some(&token), &headers).await.err().unwrap();
    assert_eq!(refused.code(), "forbidden");
    relay.shutdown().await;
}

#[tokio::test]
async fn a_message_larger_than_a_frame_ends_the_socket_and_no_other() {
    let folder = Folder::new();
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    let mut device = organisation.enrol(&mut connection, 2).await;
    let token = organisation.admin.token(&mut connection).await;
    let mut socket = connection.socket(Some(&token)).await.unwrap();
    let mut own = connect(&relay).await;
    let own_token = device.token(&mut own).await;
    let mut other = own.socket(Some(&own_token)).await.unwrap();
    let large = Frame::Binary(vec![0; estafette_protocol::limits::FRAME + 1].into());
    // The relay may close before it has taken everything.
    let _ = socket.frames.send(large).await;
    assert_eq!(socket.next().await, None);
    other.ask(RequestBody::Check { cursor: Default::default() }).await;
    assert!(matches!(other.next().await, Some(Message::Answer { .. })));
    drop(other);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_device_that_asks_and_does_not_read_is_closed_and_others_are_served() {
    const ASKED: usize = 400;
    let mut folder = Folder::new();
    folder.config.limits.backlog = 64 * 1024;
    let relay = folder.start().await;
    let mut organisation = Organisation::found(&relay, &folder.ticket, 1).await;
    let mut connection = connect(&relay).await;
    // Answers of some 50 kB: together more than the network's own buffers hold.
    organisation.long_statement(&mut connection).await;
    let token = organisation.admin.token(&mut connection).await;
    let mut socket = connection.socket(Some(&token)).await.unwrap();
    for _ in 0..ASKED {
        socket.ask(RequestBody::Statements { from: StatementNumber(0) }).await;
    }
    let mut answers = 0;
    while let Some(message) = socket.next().await {
        answers += 1;
        assert!(matches!(message, Message::Answer { .. }));
    }
    assert!(answers < ASKED, "all {answers} answers were kept for a device that did not read");
    let mut other = connect(&relay).await;
    assert!(organisation.admin.post(&mut other, vec![]).await.status.is_success());
    relay.shutdown().await;
}
