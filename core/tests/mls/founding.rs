//! Founding and joining.

use estafette_core::mls::{self, Joining, MlsError, Processed, RefusalReason, RosterContext};
use estafette_protocol::handshake::{CommitHeader, CommitNote, HandshakeSender, RosterName};
use estafette_protocol::statement::Class;
use estafette_protocol::{Epoch, RosterGeneration, StatementNumber, codec, limits};

use super::support::*;

#[test]
fn three_phones_of_a_new_roster_agree_on_the_secret_of_every_epoch() {
    let [one, two, three] = [1, 2, 3].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two, &three]);
    let prepared = one.found(&office, &[two.addition(), three.addition()]);
    assert_eq!((prepared.group, prepared.epoch), (GROUP, Epoch(0)));
    assert_eq!(prepared.key_packages.len(), 2);
    let Processed::OwnApplied(state) = one.process(&office, &prepared.commit) else { panic!("its own") };
    assert_eq!(state.epoch, Epoch(1));
    let members = [&one, &two, &three].map(|phone| (phone.device, phone.member().key));
    assert_eq!(state.members, members.into());

    for phone in [&two, &three] {
        let Joining::Done(joined) = phone.join(&office, &prepared) else { panic!("admitted") };
        let context = RosterContext::stated(&office.registry, NAME, RosterGeneration(0)).unwrap();
        assert_eq!((joined.group, joined.context), (GROUP, context));
        assert_eq!(joined.state, state);
    }

    let mut secrets = vec![state.secret];
    for (author, others) in [(&two, [&one, &three]), (&three, [&one, &two]), (&one, [&two, &three])] {
        let prepared = author.commit(&[], &[], &[]);
        everybody_applies(&office, author, &others, &prepared.commit);
        secrets.push(author.state().secret);
    }
    for (index, secret) in secrets.iter().enumerate() {
        assert!(!secrets[..index].contains(secret), "epoch {} repeats a secret", index + 1);
    }
}

#[test]
fn the_relay_reads_the_header_of_every_commit_as_it_was_meant() {
    let (office, phones) = roster_of(2);
    let prepared = phones[1].commit(&[], &[], &[]);
    let header = CommitHeader::parse(&prepared.commit).unwrap();
    assert_eq!((header.roster, header.generation, header.epoch), (ROSTER, RosterGeneration(0), Epoch(1)));
    assert_eq!(header.sender, HandshakeSender::Member(1));
    assert_eq!(codec::from_bytes::<CommitNote>(&header.note, 100).unwrap(), close(&[]));
    assert_eq!(prepared.commit_hash(), estafette_protocol::Hash::of(&[&prepared.commit]));
    drop(office);
}

#[test]
fn a_roster_founded_by_one_phone_alone_takes_others_later() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two]);
    let prepared = one.found(&office, &[]);
    assert_eq!((prepared.welcomes.len(), prepared.key_packages.len()), (0, 0));
    everybody_applies(&office, &one, &[], &prepared.commit);

    let prepared = one.commit(&[2], &[two.addition()], &[]);
    everybody_applies(&office, &one, &[], &prepared.commit);
    let Joining::Done(joined) = two.join(&office, &prepared) else { panic!("admitted") };
    assert_eq!(joined.state, one.state());
    assert_eq!(joined.state.epoch, Epoch(2));
}

#[test]
fn a_welcome_holds_its_own_phones_part_only() {
    let phones: Vec<Phone> = (1..=20).map(Phone::seeded).collect();
    let office = Office::with_roster(&phones.iter().collect::<Vec<_>>());
    let additions: Vec<_> = phones[1..].iter().map(Phone::addition).collect();
    let prepared = phones[0].found(&office, &additions);
    let named: Vec<_> = prepared.welcomes.iter().map(|(device, _)| *device).collect();
    assert_eq!(named, phones[1..].iter().map(|phone| phone.device).collect::<Vec<_>>());
    for (_, welcome) in &prepared.welcomes {
        assert!(welcome.len() < 700, "{} bytes", welcome.len());
    }
    let (_, of_second) = &prepared.welcomes[0];
    let (third, before) = (&phones[2], phones[2].rows());
    assert_eq!(
        third.join_with(&office, of_second, &prepared.tree),
        Joining::Refused(RefusalReason::NotForUs)
    );
    assert_eq!(third.rows(), before);
    assert!(matches!(third.join(&office, &prepared), Joining::Done(_)));
}

#[test]
fn of_two_founders_the_second_gives_up_and_joins() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two]);
    let (for_two, for_one) = (two.addition(), one.addition());
    let first = one.found(&office, &[for_two]);
    two.found(&office, &[for_one]);
    everybody_applies(&office, &one, &[], &first.commit);

    let Joining::Done(joined) = two.join(&office, &first) else { panic!("admitted") };
    assert_eq!(joined.state, one.state());
    assert!(!mls::has_pending(&two.provider(), GROUP).unwrap());
    let next = two.commit(&[], &[], &[]);
    everybody_applies(&office, &two, &[&one], &next.commit);
}

#[test]
fn a_founding_does_not_give_way_to_a_group_that_is_refused() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two]);
    let for_two = two.addition();
    let own = two.found(&office, &[]);
    let mut context = RosterContext::stated(&office.registry, NAME, RosterGeneration(0)).unwrap();
    context.class = Class::Personnel;
    let note = CommitNote::Found { at: StatementNumber(2) };
    let false_one = mls::found(&one.provider(), &one.identity(), &context, &note, &[for_two]).unwrap();
    let before = two.rows();
    assert_eq!(two.join(&office, &false_one), Joining::Refused(RefusalReason::ContextDisagrees));
    assert_eq!(two.rows(), before);
    everybody_applies(&office, &two, &[], &own.commit);
}

#[test]
fn a_group_is_founded_once() {
    let one = Phone::seeded(1);
    let office = Office::with_roster(&[&one]);
    one.found(&office, &[]);
    let context = RosterContext::stated(&office.registry, NAME, RosterGeneration(0)).unwrap();
    let note = CommitNote::Found { at: StatementNumber(2) };
    let before = one.rows();
    let again = mls::found(&one.provider(), &one.identity(), &context, &note, &[]);
    assert!(matches!(again, Err(MlsError::AlreadyMember)));
    assert_eq!(one.rows(), before);
}

#[test]
fn a_pair_founds_its_roster_from_certificates_alone() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two]);
    let name = RosterName::pair(Class::Personnel, two.agent, one.agent).unwrap();
    let context = RosterContext::stated(&office.registry, name, RosterGeneration(3)).unwrap();
    assert_eq!((context.class, context.retention_days), (Class::Personnel, None));
    let note = CommitNote::Found { at: StatementNumber(2) };
    let prepared = mls::found(&one.provider(), &one.identity(), &context, &note, &[two.addition()]).unwrap();
    assert_eq!(prepared.group, context.group());
    let own = mls::process(&one.provider(), context.group(), &prepared.commit, refuse_nothing).unwrap();
    let Processed::OwnApplied(state) = own else { panic!("its own") };
    let Joining::Done(joined) = two.join(&office, &prepared) else { panic!("its certificate is in force") };
    assert_eq!((joined.context, joined.state), (context, state));
}

#[test]
fn a_key_package_serves_one_welcome_and_a_last_resort_all() {
    let [one, two] = [1, 2].map(Phone::seeded);
    let office = Office::with_roster(&[&one, &two]);
    let generation =
        |number| RosterContext::stated(&office.registry, NAME, RosterGeneration(number)).unwrap();
    let note = CommitNote::Found { at: StatementNumber(2) };
    let found = |number, addition: &mls::Addition| {
        let context = generation(number);
        mls::found(&one.provider(), &one.identity(), &context, &note, std::slice::from_ref(addition)).unwrap()
    };
    let once = two.addition();
    assert!(matches!(two.join(&office, &found(0, &once)), Joining::Done(_)));
    assert_eq!(two.join(&office, &found(1, &once)), Joining::Refused(RefusalReason::NotForUs));

    let package = mls::new_key_package(&two.provider(), &two.identity(), true).unwrap();
    let always = mls::Addition { member: two.member(), package };
    for number in [2, 3] {
        assert!(matches!(two.join(&office, &found(number, &always)), Joining::Done(_)));
    }
}

#[test]
fn what_goes_to_the_relay_stays_within_its_limits_for_a_full_roster() {
    let phones: Vec<Phone> = (1..=120).map(Phone::seeded).collect();
    let office = Office::with_roster(&phones[..100].iter().collect::<Vec<_>>());
    let additions: Vec<_> = phones[1..100].iter().map(Phone::addition).collect();
    let prepared = phones[0].found(&office, &additions);
    // A hundred devices take less than a third of what two hundred and fifty may.
    assert!(prepared.commit.len() < limits::COMMIT / 3);
    assert!(prepared.tree.len() < limits::GROUP_INFO / 3);
    assert!(prepared.group_info.len() < 1024);
}

#[test]
fn the_same_seeds_give_the_same_bytes() {
    let tell = || {
        let [one, two, three] = [1, 2, 3].map(Phone::seeded);
        let mut office = Office::with_roster(&[&one, &two]);
        let founded = one.found(&office, &[two.addition()]);
        everybody_applies(&office, &one, &[], &founded.commit);
        assert!(matches!(two.join(&office, &founded), Joining::Done(_)));
        let updated = two.commit(&[], &[], &[]);
        everybody_applies(&office, &two, &[&one], &updated.commit);
        let statement = office.admit(&three);
        let Joining::Done(joined) = three.join_externally(&office, &updated, statement) else {
            panic!("admitted")
        };
        (founded, updated, joined)
    };
    assert_eq!(tell(), tell());
}
