//! A relay of a few lines, in this process, that says right and wrong things over real TLS.

use estafette_protocol::{Hash, Timestamp, limits};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::body::Bytes;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{HandshakeKind, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

use super::*;

/// Long enough for any machine; no test waits for it to pass.
const LIMIT: Duration = Duration::from_secs(60);

type ServerStream = tokio_rustls::server::TlsStream<Tcp>;

struct Identity {
    key: KeyPair,
    certificate: CertificateDer<'static>,
}

impl Identity {
    fn new() -> Self {
        Self::renewed(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
    }

    /// Another certificate for a key.
    fn renewed(key: KeyPair) -> Self {
        let params = CertificateParams::new(vec!["relay.example".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { key, certificate }
    }

    fn pin(&self) -> Pin {
        Pin(Hash::of(&[&self.key.subject_public_key_info()]).0)
    }

    fn config(&self) -> ServerConfig {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        builder(&[&rustls::version::TLS13]).with_single_cert(vec![self.certificate.clone()], key).unwrap()
    }
}

fn builder(
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
}

/// Serves one connection by `script`; what the script returns can be awaited.
async fn relay<F, T>(
    config: ServerConfig,
    script: impl FnOnce(ServerStream) -> F + Send + 'static,
) -> (String, oneshot::Receiver<T>)
where
    F: Future<Output = T> + Send,
    T: Send + 'static,
{
    #[expect(clippy::disallowed_types, reason = "the other end of the line")]
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (done, outcome) = oneshot::channel();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        if let Ok(tls) = TlsAcceptor::from(Arc::new(config)).accept(tcp).await {
            let _ = done.send(script(tls).await);
        }
    });
    (address, outcome)
}

async fn open(address: &str, pin: Pin) -> Result<Connection, Fault> {
    Connection::open(&Endpoint::new(address, pin).unwrap(), LIMIT).await
}

/// Reads one request with its body, whose length must be announced.
async fn read_request(stream: &mut ServerStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    (head, body)
}

async fn answer(stream: &mut ServerStream, status: &str, media_type: &str, body: &[u8]) {
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    stream.flush().await.unwrap();
}

/// Answers one post with these bytes, which need not be HTTP; keeps the line open until the
/// client has gone.
async fn post_answered(bytes: impl Into<Vec<u8>>) -> Result<Vec<u8>, Fault> {
    let identity = Identity::new();
    let bytes = bytes.into();
    let (address, _) = relay(identity.config(), async move |mut stream: ServerStream| {
        read_request(&mut stream).await;
        // The client may have refused and gone before the last byte.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.flush().await;
        let _ = stream.read_u8().await;
    })
    .await;
    open(&address, identity.pin()).await.unwrap().post("/v1/exchange", b"request".to_vec(), LIMIT).await
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> FaultCode {
    outcome.unwrap_err().code
}

#[tokio::test]
async fn the_pinned_relay_is_asked_and_answers() {
    let identity = Identity::new();
    let (address, seen) = relay(identity.config(), async |mut stream: ServerStream| {
        let first = read_request(&mut stream).await;
        answer(&mut stream, "200 OK", "application/cbor", b"one").await;
        let second = read_request(&mut stream).await;
        answer(&mut stream, "200 OK", "application/cbor", &[]).await;
        (first, second)
    })
    .await;
    let mut connection = open(&address, identity.pin()).await.unwrap();
    assert_eq!(connection.post("/v1/exchange", b"first".to_vec(), LIMIT).await, Ok(b"one".to_vec()));
    assert_eq!(connection.post("/v1/enrol/begin", b"second".to_vec(), LIMIT).await, Ok(Vec::new()));
    let ((head, first), (second_head, second)) = seen.await.unwrap();
    assert!(head.starts_with("POST /v1/exchange HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/cbor\r\n"), "{head}");
    assert!(head.contains(&format!("host: {address}\r\n")), "{head}");
    assert!(second_head.starts_with("POST /v1/enrol/begin HTTP/1.1\r\n"), "{second_head}");
    assert_eq!((first, second), (b"first".to_vec(), b"second".to_vec()));
}

#[tokio::test]
async fn a_relay_with_another_key_is_told_nothing() {
    let identity = Identity::new();
    let (address, seen) =
        relay(identity.config(), async |mut stream: ServerStream| stream.read_u8().await).await;
    assert_eq!(code(open(&address, Identity::new().pin()).await), FaultCode::PinMismatch);
    // Either the relay's handshake failed, or nothing came after it.
    assert!(!matches!(seen.await, Ok(Ok(_))));
}

#[tokio::test]
async fn a_renewed_certificate_of_the_same_key_is_the_same_relay() {
    let first = Identity::new();
    let pin = first.pin();
    let renewed = Identity::renewed(first.key);
    assert_ne!(renewed.certificate, first.certificate);
    let (address, _) = relay(renewed.config(), async |mut stream: ServerStream| stream.read_u8().await).await;
    assert!(open(&address, pin).await.is_ok());
}

/// Shows a certificate whose key it does not hold.
#[derive(Debug)]
struct Thief(Arc<CertifiedKey>);

impl ResolvesServerCert for Thief {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[tokio::test]
async fn a_copied_certificate_without_its_key_is_refused() {
    let (identity, thief) = (Identity::new(), Identity::new());
    let key = PrivateKeyDer::try_from(thief.key.serialize_der()).unwrap();
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
    let stolen = Thief(Arc::new(CertifiedKey::new(vec![identity.certificate.clone()], key)));
    let config = builder(&[&rustls::version::TLS13]).with_cert_resolver(Arc::new(stolen));
    let (address, seen) = relay(config, async |mut stream: ServerStream| stream.read_u8().await).await;
    assert_eq!(code(open(&address, identity.pin()).await), FaultCode::Unreachable);
    assert!(!matches!(seen.await, Ok(Ok(_))));
}

#[tokio::test]
async fn nothing_older_than_tls_1_3_is_spoken() {
    let identity = Identity::new();
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
    let config = builder(&[&rustls::version::TLS12])
        .with_single_cert(vec![identity.certificate.clone()], key)
        .unwrap();
    let (address, _) = relay(config, async |_| ()).await;
    assert_eq!(code(open(&address, identity.pin()).await), FaultCode::Unreachable);
}

#[tokio::test]
async fn an_address_that_is_none_is_malformed_and_one_without_a_relay_unreachable() {
    for address in ["", "relay.example", ":443", "a b:443", "relay.example\r\n:443"] {
        assert_eq!(code(Endpoint::new(address, Pin([0; 32]))), FaultCode::Malformed, "{address:?}");
    }
    #[expect(clippy::disallowed_types, reason = "a port that was free a moment ago")]
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    assert_eq!(code(open(&free, Pin([0; 32])).await), FaultCode::Unreachable);
}

#[tokio::test]
async fn a_relay_that_says_nothing_is_given_up_after_the_limit() {
    let identity = Identity::new();
    let (address, _) =
        relay(identity.config(), async |_stream: ServerStream| std::future::pending::<()>().await).await;
    let mut connection = open(&address, identity.pin()).await.unwrap();
    let outcome = connection.post("/v1/exchange", Vec::new(), Duration::from_millis(20)).await;
    assert_eq!(code(outcome), FaultCode::Unreachable);
}

#[tokio::test]
async fn a_later_connection_of_one_endpoint_spares_the_certificate() {
    let identity = Identity::new();
    let acceptor = TlsAcceptor::from(Arc::new(identity.config()));
    #[expect(clippy::disallowed_types, reason = "the other end of the line")]
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new(&listener.local_addr().unwrap().to_string(), identity.pin()).unwrap();
    for expected in [HandshakeKind::Full, HandshakeKind::Resumed] {
        let served = async {
            let mut stream = acceptor.accept(listener.accept().await.unwrap().0).await.unwrap();
            read_request(&mut stream).await;
            answer(&mut stream, "200 OK", "application/cbor", b"one").await;
            stream.get_ref().1.handshake_kind()
        };
        let asked = async {
            let mut connection = Connection::open(&endpoint, LIMIT).await.unwrap();
            connection.post("/v1/exchange", Vec::new(), LIMIT).await
        };
        assert_eq!(tokio::join!(served, asked), (Some(expected), Ok(b"one".to_vec())));
    }
}

fn problem(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 409 Conflict\r\ncontent-type: application/problem+json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_refusal_is_the_relays_own_word() {
    let refused =
        post_answered(problem(r#"{"title":"déjà vu","status":409,"code":"request_replayed","number":41}"#));
    assert_eq!(refused.await, Err(Fault::new(FaultCode::RequestReplayed).with_number(41)));
    let refused = post_answered(problem(r#"{"code":"off_hours","reopens_at":1763800000000}"#)).await;
    let reopens_at = Some(Timestamp(1_763_800_000_000));
    assert_eq!(refused, Err(Fault { reopens_at, ..FaultCode::OffHours.into() }));
    let refused =
        post_answered(problem(r#"{"code":"attestation_rejected","reasons":["wrong_model"]}"#)).await;
    let reasons = vec!["wrong_model".to_owned()];
    assert_eq!(refused, Err(Fault::new(FaultCode::AttestationRejected).with_reasons(reasons)));
}

#[tokio::test]
async fn a_code_of_a_newer_relay_is_internal_and_nonsense_is_no_relay() {
    assert_eq!(code(post_answered(problem(r#"{"code":"not_written_yet"}"#)).await), FaultCode::Internal);
    let nonsense = [
        problem("{"),
        problem(r#"{"code":7}"#),
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi".to_owned(),
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 302 Found\r\nlocation: https://example.com/\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "SSH-2.0-OpenSSH_9.6\r\n".to_owned(),
    ];
    for answer in nonsense {
        assert_eq!(code(post_answered(answer.clone()).await), FaultCode::Unreachable, "{answer}");
    }
}

#[tokio::test]
async fn an_answer_too_large_is_refused_announced_or_not() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/cbor\r\n";
    let announced = format!("{head}content-length: {}\r\n\r\n", limits::FRAME + 1);
    assert_eq!(code(post_answered(announced).await), FaultCode::TooLarge, "no byte of the body was sent");
    let chunk = [b"100000\r\n".to_vec(), vec![0; 0x10_0000], b"\r\n".to_vec()].concat();
    let chunked =
        [format!("{head}transfer-encoding: chunked\r\n\r\n").into_bytes(), chunk.repeat(5)].concat();
    assert_eq!(code(post_answered(chunked).await), FaultCode::TooLarge);
}

#[tokio::test]
async fn the_largest_answer_is_read_whole() {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/cbor\r\ncontent-length: {}\r\n\r\n",
        limits::FRAME
    );
    let body = vec![7; limits::FRAME];
    assert_eq!(post_answered([head.as_bytes(), &body].concat()).await, Ok(body));
}

#[tokio::test]
async fn a_line_cut_in_the_middle_of_an_answer_is_unreachable() {
    for cut in [
        &b""[..],
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/cbor\r\ncontent-length: 9\r\n\r\n1234",
    ] {
        let identity = Identity::new();
        let (address, _) = relay(identity.config(), async move |mut stream: ServerStream| {
            read_request(&mut stream).await;
            stream.write_all(cut).await.unwrap();
            stream.flush().await.unwrap();
        })
        .await;
        let mut connection = open(&address, identity.pin()).await.unwrap();
        assert_eq!(code(connection.post("/v1/exchange", Vec::new(), LIMIT).await), FaultCode::Unreachable);
        assert_eq!(code(connection.post("/v1/exchange", Vec::new(), LIMIT).await), FaultCode::Unreachable);
    }
}

/// Answers one post, then upgrades the same connection and plays `script` on the socket.
async fn socket<F, T>(
    script: impl FnOnce(tokio_tungstenite::WebSocketStream<ServerStream>) -> F + Send + 'static,
) -> (Socket, oneshot::Receiver<T>)
where
    F: Future<Output = T> + Send,
    T: Send + 'static,
{
    let identity = Identity::new();
    let (address, outcome) = relay(identity.config(), async move |mut stream: ServerStream| {
        read_request(&mut stream).await;
        answer(&mut stream, "200 OK", "application/cbor", b"token follows").await;
        #[expect(clippy::result_large_err, reason = "the library's signature")]
        let check = |request: &Request, response: Response| {
            assert_eq!(request.uri().path(), "/v1/socket");
            assert_eq!(request.headers()["authorization"], "Bearer a.b.c");
            Ok(response)
        };
        script(accept_hdr_async(stream, check).await.unwrap()).await
    })
    .await;
    let mut connection = open(&address, identity.pin()).await.unwrap();
    connection.post("/v1/exchange", Vec::new(), LIMIT).await.unwrap();
    (connection.into_socket("a.b.c", LIMIT).await.unwrap(), outcome)
}

#[tokio::test]
async fn the_socket_opens_on_the_connection_of_the_exchange_and_carries_messages_both_ways() {
    let (mut socket, _) = socket(async |mut relay| {
        while let Some(Ok(message)) = relay.next().await {
            if message.is_binary() {
                relay.send(message).await.unwrap();
            }
        }
    })
    .await;
    for message in [vec![], vec![1, 2, 3], vec![9; limits::FRAME]] {
        socket.sender.send(message.clone(), LIMIT).await.unwrap();
        assert_eq!(socket.receiver.receive(LIMIT).await, Ok(message));
    }
    let refused = socket.sender.send(vec![0; limits::FRAME + 1], LIMIT).await;
    assert_eq!(code(refused), FaultCode::TooLarge);
}

#[tokio::test]
async fn pings_are_answered_on_both_sides() {
    let (mut socket, seen) = socket(async |mut relay| {
        relay.send(Message::Ping(Bytes::from_static(b"there?"))).await.unwrap();
        let received = [relay.next().await.unwrap().unwrap(), relay.next().await.unwrap().unwrap()];
        relay.send(Message::binary(b"both".to_vec())).await.unwrap();
        received
    })
    .await;
    let Socket { sender, receiver } = &mut socket;
    let (message, pinged) = tokio::join!(receiver.receive(LIMIT), sender.ping(LIMIT));
    assert_eq!((message, pinged), (Ok(b"both".to_vec()), Ok(())));
    let received = seen.await.unwrap();
    assert!(received.contains(&Message::Pong(Bytes::from_static(b"there?"))), "{received:?}");
    assert!(received.contains(&Message::Ping(Bytes::new())), "{received:?}");
}

#[tokio::test]
async fn a_socket_ends_with_the_relays_goodbye_a_cut_or_silence() {
    let (mut closed, _) = socket(async |mut relay| relay.close(None).await).await;
    assert_eq!(code(closed.receiver.receive(LIMIT).await), FaultCode::Unreachable);
    let (mut cut, _) = socket(async |relay| drop(relay)).await;
    assert_eq!(code(cut.receiver.receive(LIMIT).await), FaultCode::Unreachable);
    let (mut silent, _) = socket(async |_relay| std::future::pending::<()>().await).await;
    assert_eq!(code(silent.receiver.receive(Duration::from_millis(20)).await), FaultCode::Unreachable);
}

#[tokio::test]
async fn text_and_oversized_messages_are_refused() {
    let (mut text, _) = socket(async |mut relay| {
        relay.send(Message::text("bonjour")).await.unwrap();
        let _ = relay.next().await;
    })
    .await;
    assert_eq!(code(text.receiver.receive(LIMIT).await), FaultCode::Malformed);
    let (mut oversized, _) = socket(async |mut relay| {
        let _ = relay.send(Message::binary(vec![0; limits::FRAME + 1])).await;
        let _ = relay.next().await;
    })
    .await;
    assert_eq!(code(oversized.receiver.receive(LIMIT).await), FaultCode::TooLarge);
}

#[tokio::test]
async fn goodbye_reaches_the_relay() {
    let (socket, seen) = socket(async |mut relay| relay.next().await.unwrap().unwrap().is_close()).await;
    socket.sender.close(LIMIT).await;
    assert_eq!(seen.await, Ok(true));
}

async fn upgrade_answered(bytes: String, token: &str) -> Result<Socket, Fault> {
    let identity = Identity::new();
    let (address, _) = relay(identity.config(), async move |mut stream: ServerStream| {
        read_request(&mut stream).await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let _ = stream.read_u8().await;
    })
    .await;
    open(&address, identity.pin()).await.unwrap().into_socket(token, LIMIT).await
}

#[tokio::test]
async fn a_refused_or_false_upgrade_is_no_socket() {
    let refused = upgrade_answered(problem(r#"{"code":"token_expired"}"#), "t").await;
    assert_eq!(code(refused), FaultCode::TokenExpired);
    let switching = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n";
    let unproved = upgrade_answered(format!("{switching}\r\n"), "t").await;
    assert_eq!(code(unproved), FaultCode::Unreachable);
    let falsely = format!("{switching}sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    assert_eq!(code(upgrade_answered(falsely, "t").await), FaultCode::Unreachable);
    let split = upgrade_answered(String::new(), "t\r\nx-more: 1").await;
    assert_eq!(code(split), FaultCode::Malformed);
}
