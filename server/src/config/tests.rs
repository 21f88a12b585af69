use estafette_attest::SecurityLevel;

use super::*;

const HEAD: &str = "mode = \"development\"\nlisten = \"127.0.0.1:8443\"\n";
const TLS: &str = "[tls]\ncertificate = \"tls/certificate.pem\"\nkey = \"/etc/relay/key.pem\"\n";

fn parse(text: &str) -> Result<Config, (usize, ConfigFault)> {
    Config::parse(text, Path::new("/srv/estafette"), Allowances::default())
}

#[test]
fn a_short_file_is_enough_and_its_paths_start_at_its_folder() {
    let config = parse(&format!("{HEAD}{TLS}")).unwrap();
    assert_eq!(config.certificate, Path::new("/srv/estafette/tls/certificate.pem"));
    assert_eq!(config.key, Path::new("/etc/relay/key.pem"));
    assert_eq!(config.public_address, "127.0.0.1:8443");
    assert_eq!(config.storage.commit_window, Duration::from_millis(5));
    assert!(!config.development_root);
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let (line, fault) = parse(&format!("{HEAD}liste = 3\n{TLS}")).unwrap_err();
    assert_eq!(line, 3);
    assert!(matches!(&fault, ConfigFault::Syntax(words) if words.contains("liste")), "{fault:?}");
    let (line, _) = parse(&format!("{HEAD}{TLS}[limits]\nconnexions = 3\n")).unwrap_err();
    assert_eq!(line, 7);
}

#[test]
fn text_that_is_not_toml_is_refused_with_its_line() {
    assert_eq!(parse("mode = \"development\"\nlisten = = 3\n").unwrap_err().0, 2);
    assert_eq!(parse("mode = \"prod\"\n").unwrap_err().0, 1);
}

#[test]
fn numbers_outside_their_range_are_refused_with_their_line() {
    let out_of_range = |text: &str| parse(&format!("{HEAD}{TLS}{text}")).unwrap_err();
    assert_eq!(
        out_of_range("[storage]\ncommit_window_ms = 6\n"),
        (7, ConfigFault::OutOfRange { least: 0, most: 5 })
    );
    assert_eq!(
        out_of_range("[limits]\n\nconnections = 0\n"),
        (8, ConfigFault::OutOfRange { least: 1, most: 1_000_000 })
    );
}

#[test]
fn phones_are_admitted_by_the_application_that_the_settings_name_and_by_none_if_they_name_none() {
    assert_eq!(parse(&format!("{HEAD}{TLS}")).unwrap().phones, Policy::default());
    let (old, new) = ("a1".repeat(32), "B2:".repeat(31) + "B2");
    let said = format!(
        "[attestation]\npackages = [\"org.example.app\"]\n\
         signing_digests = [[\"{old}\"], [\"{old}\", \"{new}\"]]\n\
         minimum_patch_level = 202605\nminimum_security_level = \"strong_box\"\nrequire_rkp = true\n"
    );
    let expected = Policy {
        packages: Some(["org.example.app".to_owned()].into()),
        signers: Some([[[0xa1; 32]].into(), [[0xa1; 32], [0xb2; 32]].into()].into()),
        minimum_patch_level: Some(202_605),
        minimum_security_level: SecurityLevel::StrongBox,
        require_rkp: true,
    };
    assert_eq!(parse(&format!("{HEAD}{TLS}{said}")).unwrap().phones, expected);
}

#[test]
fn digests_that_are_none_and_months_that_are_none_are_refused_with_their_line() {
    let refused = |line: &str| parse(&format!("{HEAD}{TLS}[attestation]\n{line}\n")).unwrap_err();
    for digests in ["[[]]", "[[\"\"]]", "[[\"a1\"]]", "[[\"zz\"]]"] {
        assert_eq!(
            refused(&format!("signing_digests = {digests}")),
            (7, ConfigFault::SigningDigests),
            "{digests}"
        );
    }
    for month in [0, 202_600, 202_613, 201_412, 20_260_501, u64::from(u32::MAX)] {
        assert_eq!(
            refused(&format!("minimum_patch_level = {month}")),
            (7, ConfigFault::PatchLevel),
            "{month}"
        );
    }
    assert_eq!(refused("minimum_security_level = \"software\"").0, 7);
}

#[test]
fn metrics_are_served_to_this_machine_only_and_nowhere_unless_asked() {
    assert_eq!(parse(&format!("{HEAD}{TLS}")).unwrap().metrics, None);
    let at = |address: &str| parse(&format!("{HEAD}{TLS}[metrics]\nlisten = \"{address}\"\n"));
    for local in ["127.0.0.1:9464", "[::1]:9464", "127.8.8.8:0"] {
        assert_eq!(at(local).unwrap().metrics, Some(local.parse().unwrap()));
    }
    for reached in ["0.0.0.0:9464", "[::]:9464", "192.168.1.1:9464"] {
        assert_eq!(at(reached), Err((7, ConfigFault::MetricsNotLoopback)), "{reached}");
    }
}

#[test]
fn rates_have_a_unit_in_their_name_a_range_and_none_in_development_unless_asked() {
    let rates = parse(&format!("{HEAD}{TLS}[rates]\nentries_per_minute = 60\n")).unwrap().rates;
    assert_eq!((rates.device.entries, rates.enrolments), (60, 0));
    let refused = parse(&format!("{HEAD}{TLS}[rates]\nsockets_per_minute = 1000001\n"));
    assert_eq!(refused, Err((7, ConfigFault::OutOfRange { least: 0, most: 1_000_000 })));
}

#[test]
fn development_does_not_listen_where_strangers_are_unless_a_person_insists() {
    let at = |address: &str| format!("mode = \"development\"\nlisten = \"{address}\"\n{TLS}");
    for stranger in
        ["0.0.0.0:1", "[::]:1", "8.8.8.8:1", "172.32.0.1:1", "[2001:db8::1]:1", "[::ffff:8.8.8.8]:1"]
    {
        assert_eq!(parse(&at(stranger)), Err((2, ConfigFault::PublicDevelopment)), "{stranger}");
        let insists = Allowances { public_development: true };
        assert!(Config::parse(&at(stranger), Path::new("/srv"), insists).is_ok(), "{stranger}");
    }
    for private in ["127.0.0.1:0", "[::1]:1", "10.0.0.1:1", "172.16.0.1:1", "192.168.1.1:1", "[fd00::1]:1"] {
        assert!(parse(&at(private)).is_ok(), "{private}");
    }
}

#[test]
fn production_refuses_the_development_root_with_its_line() {
    let text = format!(
        "mode = \"production\"\nlisten = \"127.0.0.1:1\"\n{TLS}[attestation]\ndevelopment_root = true\n"
    );
    assert_eq!(parse(&text), Err((7, ConfigFault::DevelopmentRoot)));
}

#[test]
fn production_refuses_applications_under_development_with_its_line() {
    let said = |word: &str| {
        let apple = format!("apple_apps = [\"ABCDE12345.org.example\"]\napple_environment = \"{word}\"\n");
        format!("{TLS}[attestation]\n{apple}")
    };
    let production = format!("mode = \"production\"\nlisten = \"127.0.0.1:1\"\n{}", said("development"));
    assert_eq!(parse(&production), Err((8, ConfigFault::AppleDevelopment)));
    let rules = parse(&format!("{HEAD}{}", said("development"))).unwrap().iphones;
    assert_eq!(rules.environment, estafette_attest::Environment::Development);
    assert_eq!(rules.applications, ["ABCDE12345.org.example".to_owned()].into());
    assert!(parse(&format!("{HEAD}{TLS}")).unwrap().iphones.applications.is_empty(), "nobody passes");
    assert!(parse(&format!("{HEAD}{}", said("sandbox"))).is_err());
}

#[cfg(feature = "dev-attestation")]
#[test]
fn a_program_that_accepts_made_up_evidence_refuses_production() {
    let text = format!("mode = \"production\"\nlisten = \"127.0.0.1:1\"\n{TLS}");
    assert_eq!(parse(&text), Err((1, ConfigFault::DevelopmentProgram)));
}

#[cfg(not(feature = "dev-attestation"))]
#[test]
fn a_program_without_the_development_root_does_not_pretend_to_trust_it() {
    let text = format!("{HEAD}{TLS}[attestation]\ndevelopment_root = true\n");
    assert_eq!(parse(&text), Err((7, ConfigFault::NoDevelopmentRoot)));
    let production = format!("mode = \"production\"\nlisten = \"0.0.0.0:8443\"\n{TLS}");
    assert!(parse(&production).is_ok());
}

#[test]
fn the_list_of_revoked_keys_is_fetched_from_an_https_address_or_brought_by_a_person() {
    assert_eq!(parse(&format!("{HEAD}{TLS}")).unwrap().list, None);
    let at = |url: &str| {
        let said = format!("list_url = \"{url}\"\nlist_authorities = \"ca.pem\"\n");
        parse(&format!("{HEAD}{TLS}[attestation]\n{said}")).map(|config| config.list.unwrap())
    };
    let google = "https://android.googleapis.com/attestation/status";
    let source = at(google).unwrap();
    assert_eq!(source.url.as_str(), google);
    assert!(source.authorities.unwrap().ends_with("ca.pem"));
    let user = google.replace("//", "//someone@");
    for refused in ["http://android.googleapis.com/status", "android.googleapis.com", "/status", "", &user] {
        assert_eq!(at(refused), Err((7, ConfigFault::ListUrl)), "{refused}");
    }
}
