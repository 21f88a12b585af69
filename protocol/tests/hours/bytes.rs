//! Hours as they are stored inside signed statements: these bytes must never change.

use estafette_protocol::hours::{
    AgentHours, Calendar, Date, DutyPeriod, LegalBasis, Override, Period, Place, Reach, RestAfter, Rota, Turn,
};
use estafette_protocol::{AgentNumber, Timestamp, codec};
use proptest::prelude::*;

use crate::calendar;
use crate::properties::{agent, instant};

const LIMIT: usize = 64 * 1024;

fn sample() -> AgentHours {
    let one = Period { from: Timestamp(1_000), until: Timestamp(2_000) };
    let mut calendar = calendar("Europe/Paris", "lun 08:00-12:00; dim 00:00-24:00");
    calendar.holidays = vec![Date::new(2026, 12, 25).unwrap()];
    AgentHours {
        calendars: vec![calendar],
        leave: vec![one],
        duty: vec![DutyPeriod { period: one, author: AgentNumber(4), reason: "Crue".into() }],
        on_call: vec![one],
        overrides: vec![Override {
            period: one,
            basis: LegalBasis::EXCEPTIONAL_CIRCUMSTANCES,
            author: AgentNumber(5),
            reason: "Neige".into(),
        }],
        rests: Vec::new(),
        prolonged: Vec::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn the_bytes_of_all_hours_stay_the_same() {
    let expected = concat!(
        "a5", // five lists
        "0081a3",
        "006c4575726f70652f5061726973", // calendar: its zone
        "0182",
        "a30000011901e0021902d0",
        "a300060100021905a0",                               // its week
        "028119514c",                                       // its holidays
        "0181a2001903e8011907d0",                           // leave
        "0281a300a2001903e8011907d00104026443727565",       // duty
        "0381a2001903e8011907d0",                           // on call
        "0481a400a2001903e8011907d00102020503654e65696765", // overrides
    );
    let bytes = codec::to_bytes(&sample());
    assert_eq!(hex(&bytes), hex(&unhex(expected)));
    assert_eq!(codec::from_bytes::<AgentHours>(&bytes, LIMIT), Ok(sample()));
}

#[test]
fn the_bytes_of_places_profiles_rests_and_rotas_stay_the_same() {
    let mut calendar = Calendar::weekly("UTC", Default::default()).in_place(Place::REUNION);
    calendar.profile = Some("fpt".into());
    assert_eq!(codec::to_bytes(&calendar), unhex("a4 00 63555443 01 80 03 06 04 63667074"));
    let one = Period { from: Timestamp(1_000), until: Timestamp(2_000) };
    let two = Period { from: one.until, until: Timestamp(3_000) };
    let rest = RestAfter { rest: two, intervention: one, author: AgentNumber(4) };
    let expected = unhex("a3 00 a2001907d001190bb8 01 a2001903e8011907d0 02 04");
    assert_eq!(codec::to_bytes(&rest), expected);
    let agent = AgentHours { rests: vec![rest], ..AgentHours::default() };
    assert_eq!(codec::to_bytes(&agent), [unhex("a1 05 81"), expected].concat());
    let turn = Turn { period: one, order: vec![AgentNumber(7), AgentNumber(3)] };
    let rota = Rota { covers: one, turns: vec![turn] };
    let expected = unhex("a2 00 a2001903e8011907d0 01 81 a2 00 a2001903e8011907d0 01 820703");
    assert_eq!(codec::to_bytes(&rota), expected);
    assert_eq!(codec::from_bytes(&expected, LIMIT), Ok(rota));
}

#[test]
fn lists_that_are_empty_take_no_bytes_and_may_be_missing() {
    assert_eq!(codec::to_bytes(&AgentHours::default()), [0xa0]);
    assert_eq!(codec::from_bytes(&[0xa0], LIMIT), Ok(AgentHours::default()));
    let calendar = Calendar::weekly("UTC", Default::default());
    assert_eq!(codec::to_bytes(&calendar), unhex("a2 00 63555443 01 80"));
}

#[test]
fn fields_of_a_newer_version_are_skipped() {
    // As `fields 2 = {9: ["x"]}` in a period, and 7 in all hours.
    let newer = unhex("a2 01 81 a3 00 01 01 02 02 a1 09 81 6178 07 f5");
    let read: AgentHours = codec::from_bytes(&newer, LIMIT).unwrap();
    assert_eq!(read.leave, [Period { from: Timestamp(1), until: Timestamp(2) }]);
    assert_eq!(read, AgentHours { leave: read.leave.clone(), ..AgentHours::default() });
}

#[test]
fn a_legal_basis_of_a_newer_version_is_kept() {
    let mut hours = sample();
    hours.overrides[0].basis = LegalBasis(900);
    assert_eq!(hours.validate(), Ok(()));
    assert_eq!(codec::from_bytes(&codec::to_bytes(&hours), LIMIT), Ok(hours));
}

#[test]
fn a_number_that_is_no_weekday_is_refused() {
    let bytes = unhex("a2 00 63555443 01 81 a3 00 07 01 00 02 01");
    assert!(codec::from_bytes::<Calendar>(&bytes, LIMIT).is_err());
}

#[test]
fn a_list_that_announces_a_huge_length_is_refused_without_room_for_it() {
    let bytes = unhex("a1 01 9b ffffffffffffffff");
    assert!(codec::from_bytes::<AgentHours>(&bytes, LIMIT).is_err());
}

/// Whatever was decoded, nothing that is asked of it may panic.
fn ask_everything(bytes: &[u8], now: Timestamp) {
    let Ok(hours) = codec::from_bytes::<AgentHours>(bytes, LIMIT) else { return };
    let _verdict = hours.validate();
    for reach in [Reach::Duty, Reach::OnCall] {
        let _state = hours.state(now, reach);
        let _change = hours.next_change(now, reach);
    }
    hours.calendars.iter().for_each(|calendar| drop(calendar.week.to_string()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hours_read_back_as_they_were_written(agent in agent()) {
        let bytes = codec::to_bytes(&agent);
        prop_assert_eq!(codec::from_bytes(&bytes, LIMIT), Ok(agent));
    }

    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), now in any::<u64>()) {
        ask_everything(&bytes, Timestamp(now));
    }

    #[test]
    fn damaged_hours_never_panic(
        agent in agent(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        now in prop_oneof![instant().prop_map(|now| now.0), any::<u64>()],
    ) {
        let mut bytes = codec::to_bytes(&agent);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        ask_everything(&bytes, Timestamp(now));
    }
}
